"""Deadlines that progress extends: being slow is not a failure, being stuck is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

LOOK = 1.0
"""Longest time in seconds between two looks."""
IN_ALL = 10
"""How many times progress can use up the deadline in total: activity without a result must end too."""


class Deadline:
    """Over when the value of `seen` has not changed for `seconds`, or after IN_ALL times as long."""

    def __init__(
        self, seconds: float, seen: Callable[[], object], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._seen, self._monotonic = seconds, seen, monotonic
        self._every = min(LOOK, seconds / 4)
        self._began = self._changed = self._looked = monotonic()
        self._last = seen()

    @property
    def spent(self) -> float:
        return self._monotonic() - self._began

    def is_over(self) -> bool:
        now = self._monotonic()
        if now - self._looked >= self._every:
            self._looked = now
            if (seen := self._seen()) != self._last:
                self._last, self._changed = seen, now
        return now - self._changed > self._seconds or self.spent > IN_ALL * self._seconds


def of_group(group: int, log: Path) -> tuple[int, int]:
    """The progress of the process group: size of its log, and CPU time in the kernel's ticks."""
    ticks = sum(_ticks(folder, group) for folder in Path("/proc").glob("[0-9]*"))
    return (log.stat().st_size if log.exists() else 0), ticks


def _ticks(process: Path, group: int) -> int:
    """CPU ticks of the process and its ended children; 0 for a process of another group. See proc(5)."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15])) if int(fields[2]) == group else 0
