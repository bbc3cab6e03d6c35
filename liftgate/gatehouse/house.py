"""What one gatehouse process holds: the integrations, and small memories with minutes of life."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from threading import Event, Lock
from typing import Generic, TypeVar

from liftgate.domain.board import Board
from liftgate.domain.configuration import Configuration
from liftgate.domain.drift_record import Drifting
from liftgate.integrations.clock import Clock
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.tree import Tree
from liftgate.services import board as view
from liftgate.services.drift import Watch
from liftgate.wiring import Integrations

_T = TypeVar("_T")


class Once:
    """Remembers keys for some seconds, so that what carries one is done once by this process."""

    def __init__(self, clock: Clock, life: float) -> None:
        self._clock, self._life = clock, life
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def first(self, key: str) -> bool:
        now = self._clock.monotonic()
        with self._lock:
            self._until = {each: until for each, until in self._until.items() if until > now}
            if key in self._until:
                return False
            self._until[key] = now + self._life
            return True


class Kept(Generic[_T]):
    """A value made again at most every so many seconds, by one caller while the others wait for it."""

    def __init__(self, clock: Clock, life: float, make: Callable[[], _T]) -> None:
        self._clock, self._life, self._make = clock, life, make
        self._kept: tuple[float, _T] | None = None
        self._lock = Lock()

    def get(self) -> _T:
        with self._lock:
            if self._kept is None or self._clock.monotonic() - self._kept[0] > self._life:
                self._kept = (self._clock.monotonic(), self._make())
            return self._kept[1]

    def forget(self) -> None:
        with self._lock:
            self._kept = None


class House:
    def __init__(self, at: Integrations) -> None:
        self.at = at
        self.looked = Event()
        """Set when somebody looked or a webhook came, so that the mirror is worth a fetch."""
        self.watch = Watch(at)

    @cached_property
    def links(self) -> Once:
        """One-time links that were used."""
        return Once(self.at.clock, 660)

    @cached_property
    def presses(self) -> Once:
        """Slack's signatures that were taken; they are believed for five minutes."""
        return Once(self.at.clock, 660)

    @property
    def git(self) -> Mirror:
        return self.at.prepared

    @property
    def tree(self) -> Tree:
        return self.at.latest

    @property
    def drift(self) -> Drifting:
        """What the watch for drift saw last; a page reads it and asks nobody."""
        return self.watch.seen

    @cached_property
    def board(self) -> Kept[Board]:
        """Many who look at once cost one look."""
        return Kept(self.at.clock, 1.5, self._board)

    def _board(self) -> Board:
        self.looked.set()
        return view.board(self.at, self.drift)

    @property
    def configuration(self) -> Configuration:
        return self.tree.configuration
