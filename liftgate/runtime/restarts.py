"""How often, and after which pauses, a program that ended by itself is started again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

PAUSES: Final = (1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds before each restart."""
WITHIN: Final = 600.0
"""Seconds in which so many ends are too many; older ones do not count."""


class Restarts:
    def __init__(self, pauses: Sequence[float] = PAUSES, within: float = WITHIN) -> None:
        self._pauses, self._within = pauses, within
        self._ends: dict[str, list[float]] = {}

    def pause(self, name: str, now: float) -> float | None:
        """Seconds until the program of that name, which has just ended, is started again; None if it ended too often.
        `now` only grows."""
        ends = self._ends[name] = [when for when in self._ends.get(name, ()) if now - when < self._within]
        if len(ends) >= len(self._pauses):
            return None
        ends.append(now)
        return self._pauses[len(ends) - 1]

    def __str__(self) -> str:
        return f"{len(self._pauses)} times in {self._within / 60:.0f} minutes"
