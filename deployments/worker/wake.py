"""Prefect's event stream wakes the worker: a run begins at once, and the polls between are few.

Polling alone has to choose between a person who waits for a button's effect and a server that is asked four times a
second for nothing. The polls stay, for what is scheduled ahead and for what the stream has missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventRelatedFilter, EventResourceFilter
from prefect.events.schemas.events import ResourceSpecification

Look = Callable[[], Awaitable[object]]
"""Asks for runs and starts them; something that is true where there were any."""

PAUSES = (0.0, 0.1, 0.3)
"""Seconds before each look after an event: the server tells of a state shortly before it commits it."""
BLIND = 0.25
"""Seconds between looks while there is no stream."""


class Wake:
    """Looks as soon as a run of the pool is due; looks often by itself where Prefect's stream cannot be had."""

    def __init__(self, pool: str, look: Look) -> None:
        self._pool, self._look = pool, look
        self._told = asyncio.Event()
        self._streaming = False

    async def forever(self) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self._listen())
            both.create_task(self._looks())

    async def _listen(self) -> None:
        while True:
            with suppress(Exception):  # whatever it is, looking goes on without the stream
                async with get_events_subscriber(scheduled(self._pool), reconnection_attempts=0) as events:
                    self._streaming = True
                    async for _ in events:
                        self._told.set()
            self._streaming = False
            self._told.set()  # ends the wait that has no end
            await asyncio.sleep(1.0)

    async def _looks(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._told.wait(), None if self._streaming else BLIND)
            except TimeoutError:
                await self._try()
                continue
            self._told.clear()
            for pause in PAUSES:
                await asyncio.sleep(pause)
                if await self._try():
                    break

    async def _try(self) -> bool:
        try:
            return bool(await self._look())
        except Exception:  # noqa: BLE001 - Prefect's own loop reports a server that is away, and waits for it
            await asyncio.sleep(1.0)
            return False


def scheduled(pool: str) -> EventFilter:
    """Runs of the pool that are to begin, now or later: new, resumed, or tried again."""
    return EventFilter(
        resource=EventResourceFilter(
            id_prefix=["prefect.flow-run."], labels=ResourceSpecification({"prefect.state-type": "SCHEDULED"})
        ),
        related=EventRelatedFilter(
            labels=ResourceSpecification({"prefect.resource.role": "work-pool", "prefect.resource.name": pool})
        ),
    )
