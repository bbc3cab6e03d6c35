"""Whether Argo CD would take a sync now: one answer for the flow that waits and for the server that wakes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from liftgate.domain.approval.sync_window import Closed, Windows
from liftgate.errors import LiftgateError
from liftgate.integrations.clock import Clock
from liftgate.integrations.deployer import Deployer

TRIES: Final = (0.0, 1.0, 3.0)
"""Seconds before each try of a flow: a moment's absence is not worth ending its process."""
KEPT: Final = 15.0
"""Seconds an answer counts for one that looks every other second at many runs; what was no answer counts as long."""


class SyncWindows:
    def __init__(self, deployer: Deployer, clock: Clock) -> None:
        self._deployer, self._clock = deployer, clock
        self._heard: dict[str, tuple[float, Closed | None]] = {}
        self._silent: tuple[float, str] | None = None

    def ask(self, applications: Iterable[str], *, tries: tuple[float, ...] = (0.0,), within: float = 0.0) -> Windows:
        """What Argo CD says, at most `within` seconds old.

        Why it could not be asked is a value too: it passes, or a person mends it, and so it is waited for.
        """
        names, unknown = list(applications), ""
        for pause in tries:
            self._clock.sleep(pause)
            try:
                return Windows(closed=tuple(filter(None, [self._closed(name, within) for name in names])))
            except LiftgateError as error:
                unknown = str(error)
        return Windows(unknown=unknown)

    def _closed(self, application: str, within: float) -> Closed | None:
        now = self._clock.monotonic()
        if self._silent and now - self._silent[0] < within:
            raise LiftgateError(self._silent[1])
        at, known = self._heard.get(application, (now - within, None))
        if now - at < within:
            return known
        try:
            found = self._deployer.closed(application, self._clock.now())
        except LiftgateError as error:
            self._silent = (now, str(error))
            raise
        self._silent, self._heard[application] = None, (now, found)
        return found
