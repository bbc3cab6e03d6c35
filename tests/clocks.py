"""Clocks that a test sets forward, so that it waits for nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from liftgate.integrations.clock import SystemClock


class Ahead(SystemClock):
    """By so many seconds; only what is measured, not the time of day."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


class Moving(Ahead):
    """The time of day too."""

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead)
