"""A value that many requests share: made again in the background, and shown with its age when that does not work."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Final, Generic, NamedTuple, TypeVar

from liftgate.errors import Unavailable
from liftgate.integrations.clock import Clock
from liftgate.integrations.time_limit import seconds_left, time_limit

_T = TypeVar("_T")
PATIENCE: Final = 3.0
"""Seconds that a request waits for a new value, if there is an older one to show or the last try failed."""
_BRIEFLY: Final = 0.2
"""The same if both are true, because a server that hangs does not stop all requests; or if the older one is recent and
was made within this time: where the making takes longer, a wait for the next one would be in vain."""
_SOON: Final = "a newer one is being read"


class Seen(NamedTuple, Generic[_T]):
    value: _T
    age: float = 0.0
    """Seconds."""
    trouble: str = ""
    """Why there is no newer value."""


class Kept(Generic[_T]):
    """Made at most every `life` seconds, by one thread, and within so many seconds."""

    def __init__(
        self, clock: Clock, life: float, make: Callable[[], _T], within: float, *, recent: float = 0.0
    ) -> None:
        """While the last value is younger than `recent` seconds, a request hardly waits for a new one."""
        self._clock, self._life, self._make, self._within = clock, life, make, within
        self._recent = recent
        self._lock = Lock()
        self._making: Future[_T] | None = None
        self._begun, self._works, self._took = 0.0, True, 0.0
        self._last: tuple[float, _T] | None = None
        self._number = self._of_last = self._forgotten = 0
        """Of the newest making, of that of the last value, and of the newest that began before a change."""

    def get(self) -> Seen[_T]:
        """A new value, or the last one with the reason. Raises what the making raised when there is no last one."""
        begun, making = self._started()
        try:
            return Seen(making.result(self._patience()))
        except TimeoutError:
            if (last := self._last) and self._is_recent:
                return Seen(last[1], self._clock.monotonic() - last[0], _SOON)
            seconds = self._clock.monotonic() - begun
            trouble = Unavailable(f"there has been no answer for {seconds:.0f} s")
        except Unavailable as error:
            trouble = error
        self._works = False
        if self._last is None:
            raise trouble
        when, value = self._last
        return Seen(value, self._clock.monotonic() - when, str(trouble))

    def _patience(self) -> float:
        """Seconds. The first value of all is worth the whole time of the request: there is nothing else to show."""
        if self._last is None and self._works:
            return seconds_left(self._within, "the Liftgate server")
        if self._is_recent:
            return _BRIEFLY if self._took < _BRIEFLY else 0.0
        return _BRIEFLY if self._last and not self._works else PATIENCE

    @property
    def _is_recent(self) -> bool:
        if not self._works or self._last is None or self._of_last <= self._forgotten:
            return False
        return self._clock.monotonic() - self._last[0] < self._recent

    def forget(self) -> None:
        """The next caller gets a new value: none of those that were begun before counts as recent."""
        with self._lock:
            self._making, self._forgotten = None, self._number

    def _started(self) -> tuple[float, Future[_T]]:
        with self._lock:
            now = self._clock.monotonic()
            if self._making is None or (self._making.done() and now - self._begun > self._life):
                self._begun, self._making, self._number = now, Future(), self._number + 1
                Thread(target=self._fill, args=(self._making, self._number), name="kept", daemon=True).start()
            return self._begun, self._making

    def _fill(self, making: Future[_T], number: int) -> None:
        begun = self._clock.monotonic()
        try:
            with time_limit(self._within):
                value = self._make()
        except BaseException as error:  # noqa: BLE001  the caller gets it
            making.set_exception(error)
        else:
            with self._lock:
                if number > self._of_last:  # another one may have begun later and ended earlier
                    now = self._clock.monotonic()
                    self._last, self._works, self._of_last, self._took = (now, value), True, number, now - begun
            making.set_result(value)
