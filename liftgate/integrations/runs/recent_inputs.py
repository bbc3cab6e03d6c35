"""The inputs of runs as they were read last, for who may show what is some seconds old."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from threading import Lock
from typing import Final, NamedTuple

KEPT: Final = 256
"""Runs, those that were read last; each has some kilobytes."""
_PARTS: Final = 16


class _Read(NamedTuple):
    inputs: dict[str, str]
    at: float
    share: float
    """Of the seconds for which others may be given again. What was read together is so not all read again together."""


class RecentInputs:
    def __init__(self) -> None:
        self._lock, self._numbers = Lock(), count()
        self._kept: dict[str, _Read] = {}
        self._changes = 0

    def read(self, run_id: str, within: float, ask: Callable[[], dict[str, str]]) -> dict[str, str]:
        """All inputs of the run, at most so many seconds old, and not older than what was added here."""
        with self._lock:
            known, changes = self._kept.get(run_id), self._changes
        if known and time.monotonic() - known.at < within * known.share:
            return known.inputs
        begun, inputs = time.monotonic(), ask()
        with self._lock:
            # what was added meanwhile may be missing; who wants the newest only keeps what others hold up to date
            if changes == self._changes and (within or run_id in self._kept):
                self._kept.pop(run_id, None)
                self._kept[run_id] = _Read(inputs, begun, 0.5 + next(self._numbers) % _PARTS / (2 * _PARTS))
                if len(self._kept) > KEPT:
                    del self._kept[next(iter(self._kept))]
        return inputs

    def forget(self, run_id: str) -> None:
        """Something was added."""
        with self._lock:
            self._changes += 1
            self._kept.pop(run_id, None)
