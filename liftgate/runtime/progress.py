"""Deadlines that progress extends: being slow is not a failure, being stuck is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

LOOK = 1.0
"""Longest time in seconds between two looks that cost little."""
IN_ALL = 10
"""How many times progress can use up the deadline in total: activity without a result must end too."""


class Deadline:
    """Over when the value of `seen` has not changed for `seconds`, or after IN_ALL times as long.

    `look` is the longest time in seconds between two looks.
    """

    def __init__(
        self,
        seconds: float,
        seen: Callable[[], object],
        monotonic: Callable[[], float] = time.monotonic,
        look: float = LOOK,
    ) -> None:
        self._seconds, self._seen, self._monotonic = seconds, seen, monotonic
        self._every = min(look, seconds / 4)
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
    """The progress of the process group and of everything that its processes started: size of its log, and CPU time in
    the kernel's ticks. Postgres, for example, gives each of its processes a group of its own."""
    seen = {process.number: process for folder in Path("/proc").glob("[0-9]*") if (process := _process(folder))}
    ours = {number for number, process in seen.items() if process.group == group}
    while more := {number for number, process in seen.items() if process.parent in ours} - ours:
        ours |= more
    return (log.stat().st_size if log.exists() else 0), sum(seen[number].ticks for number in ours)


class _Process(NamedTuple):
    number: int
    parent: int
    group: int
    ticks: int
    """CPU time of the process and of its ended children."""


def _process(folder: Path) -> _Process | None:
    """None for a process that has ended. See proc(5)."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return _Process(int(folder.name), int(fields[1]), int(fields[2]), sum(map(int, fields[11:15])))
