"""Prefect's event stream wakes the worker, so a run starts at once and few polls are needed.

With polls alone, either people wait for the effect of a button, or the worker polls the server four times a second.
The polls remain for runs that are scheduled ahead and for events that the stream missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventRelatedFilter, EventResourceFilter
from prefect.events.schemas.events import ResourceSpecification

Look = Callable[[], Awaitable[object]]
"""Requests runs and starts them; its result is true if there were any."""

PAUSES = (0.0, 0.1, 0.3)
"""Seconds before each look after an event: the server sends an event shortly before it commits the state."""
BLIND = 0.25
"""Seconds between two looks without a stream."""


class Wake:
    """Looks as soon as a run of the pool is due or cancelled, or `told` is set. Without Prefect's stream, it looks
    often by itself."""

    def __init__(self, pool: str, look: Look, told: asyncio.Event) -> None:
        self._pool, self._look, self._told = pool, look, told
        self._streaming = False

    async def forever(self) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self._listen())
            both.create_task(self._looks())

    async def _listen(self) -> None:
        while True:
            with suppress(Exception):  # after any error, continue to look without the stream
                async with get_events_subscriber(wakes(self._pool), reconnection_attempts=0) as events:
                    self._streaming = True
                    async for _ in events:
                        self._told.set()
            self._streaming = False
            self._told.set()  # ends the wait without a timeout
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
        except Exception:  # noqa: BLE001 - Prefect's own loop reports an unavailable server and waits for it
            await asyncio.sleep(1.0)
            return False


def wakes(pool: str) -> EventFilter:
    """Runs of the pool that are scheduled to start, now or later (new, resumed, or retried), or that are cancelled."""
    return EventFilter(
        resource=EventResourceFilter(
            id_prefix=["prefect.flow-run."],
            labels=ResourceSpecification({"prefect.state-type": ["SCHEDULED", "CANCELLING"]}),
        ),
        related=EventRelatedFilter(
            labels=ResourceSpecification({"prefect.resource.role": "work-pool", "prefect.resource.name": pool})
        ),
    )
