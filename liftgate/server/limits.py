"""Counts what network addresses send, in a memory that has an end."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from liftgate.integrations.clock import Clock
from liftgate.services.recent import MOST, Recent


@dataclass
class _Tries:
    since: float
    number: int = 0


class Limit:
    """So many in so many seconds for each address, counted from the first one. Another one is not counted."""

    def __init__(self, clock: Clock, most: int, within: float, *, addresses: int = MOST) -> None:
        self._clock, self._most, self._within = clock, most, within
        self._seen = Recent[_Tries](within, addresses)
        self._lock = Lock()

    def wait(self, address: str) -> float:
        """Seconds until the next one may come; 0: now."""
        now = self._clock.monotonic()
        seen = self._seen.get(address, now)
        return max(0.0, seen.since + self._within - now) if seen and seen.number >= self._most else 0.0

    def take(self, address: str) -> float:
        """Count one, if it may come now; the seconds until it may."""
        with self._lock:
            if wait := self.wait(address):
                return wait
            now = self._clock.monotonic()
            seen = self._seen.get(address, now)
            if seen is None:
                self._seen.keep(address, seen := _Tries(now), now)
            seen.number += 1
            return 0.0


class SignInLimits:
    """Of one server process; the memory has at most 10,000 addresses, and forgets each after minutes."""

    def __init__(self, clock: Clock) -> None:
        self.tries = Limit(clock, 60, 60.0)
        """All tries: a company may have one address, whose people sign in at nine o'clock."""
        self.failures = Limit(clock, 10, 300.0)
