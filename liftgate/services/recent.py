"""Values that are forgotten after a time, and sooner when there are too many."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final, Generic, TypeVar

_T = TypeVar("_T")
MOST: Final = 10_000
"""How many values are kept; a new one replaces the oldest."""


class Recent(Generic[_T]):
    """By key, for `life` seconds. The caller tells the time: `clock.monotonic()`. Many threads may use it."""

    def __init__(self, life: float, most: int = MOST) -> None:
        self._life, self._most = life, most
        self._kept: OrderedDict[str, tuple[float, _T]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str, now: float) -> _T | None:
        """None if it was never kept, or too long ago."""
        with self._lock:
            self._forget_old(now)
            found = self._kept.get(key)
        return found[1] if found else None

    def keep(self, key: str, value: _T, now: float) -> None:
        with self._lock:
            self._forget_old(now)
            self._kept.pop(key, None)
            self._kept[key] = now, value
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def forget(self, key: str) -> None:
        with self._lock:
            self._kept.pop(key, None)

    def _forget_old(self, now: float) -> None:
        """The oldest stand first."""
        while self._kept and next(iter(self._kept.values()))[0] <= now - self._life:
            self._kept.popitem(last=False)
