"""Used keys in this process; for tests."""

from __future__ import annotations

from threading import Lock

from liftgate.integrations.clock import Clock


class InMemoryOnce:
    """Forgets everything when the process ends, so a real server needs the database."""

    def __init__(self, clock: Clock, life: float) -> None:
        self._clock, self._life = clock, life
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def first(self, key: str) -> bool:
        now = self._clock.now().timestamp()
        with self._lock:
            self._until = {each: until for each, until in self._until.items() if until > now}
            if key in self._until:
                return False
            self._until[key] = now + self._life
            return True

    def noted(self, key: str) -> bool:
        return self._until.get(key, 0) > self._clock.now().timestamp()
