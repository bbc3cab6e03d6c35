"""Time and sleeping, as something that can be owned by a simulation."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, Protocol

LONGEST_NAP: Final = 60.0
"""Seconds. A worker ends a process in which nothing woke up for a quarter of an hour."""


class Clock(Protocol):
    def now(self) -> datetime:
        """Wall-clock time, aware, in UTC; for records."""

    def monotonic(self) -> float:
        """Seconds that only grow; for durations and deadlines."""

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, LONGEST_NAP))
