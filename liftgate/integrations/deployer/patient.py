"""Reading a deployed application after its commit: a token that is refused is asked again, before values go back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

from liftgate.domain.common.value import Json
from liftgate.errors import Misconfigured
from liftgate.integrations.clock import Clock
from liftgate.integrations.deployer.live import Chosen, Held, Line, Live

WITHIN: Final = 60.0
_PAUSE: Final = 2.0

T = TypeVar("T")


class Patient:
    """The same Live; what is wrong with the token or the address must last for a minute."""

    def __init__(self, live: Live, clock: Clock) -> None:
        self._live, self._clock = live, clock

    def held(self, application: str, file: str) -> tuple[Held, ...]:
        return self._asked(lambda: self._live.held(application, file))

    def lines(self, application: str, age: float, chosen: Chosen) -> tuple[Line, ...]:
        return self._asked(lambda: self._live.lines(application, age, chosen))

    def may_read_logs(self, application: str) -> bool:
        return self._asked(lambda: self._live.may_read_logs(application))

    def rendered(self, application: str) -> list[Json]:
        return self._asked(lambda: self._live.rendered(application))

    def synced_at(self, application: str, revision: str) -> datetime | None:
        return self._asked(lambda: self._live.synced_at(application, revision))

    def _asked(self, ask: Callable[[], T]) -> T:
        end = self._clock.monotonic() + WITHIN
        while True:
            try:
                return ask()
            except Misconfigured:
                if self._clock.monotonic() >= end:
                    raise
                self._clock.sleep(_PAUSE)
