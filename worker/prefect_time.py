"""The time by the clock of Prefect's server, which says when a run is due: this machine's may differ."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import httpx
from prefect.client.orchestration import PrefectClient

from liftgate.integrations.clock import Clock
from liftgate.integrations.server_clock import seconds_ahead

_AGAIN: Final = 60.0
"""Seconds between two questions."""


class PrefectTime:
    """With a clock that is behind Prefect's, a worker would take a run that much too late."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._ahead = clock, 0.0
        self._ask_at = clock.monotonic()

    async def now(self, client: PrefectClient) -> datetime:
        """Right to a second. Raises httpx.TransportError."""
        if self._clock.monotonic() >= self._ask_at:
            began = self._clock.now().timestamp()
            answer = await _answer(client)
            self._ahead = seconds_ahead(answer.headers, began, self._clock.now().timestamp()) or 0.0
            self._ask_at = self._clock.monotonic() + _AGAIN
        return self._clock.now() + timedelta(seconds=self._ahead)


async def _answer(client: PrefectClient) -> httpx.Response:
    """A refusal says the time as well."""
    try:
        return await client.hello()
    except httpx.HTTPStatusError as refused:
        return refused.response
