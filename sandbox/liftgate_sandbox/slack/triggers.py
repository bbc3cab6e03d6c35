"""Trigger ids: proof that a person just did something, good once and for three seconds."""

from __future__ import annotations

import secrets
from collections.abc import Callable

LIFE = 3.0


class Triggers:
    """Kept in memory: none outlives a restart anyway."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._born: dict[str, tuple[float, str]] = {}
        self._used: set[str] = set()

    def make(self, user: str) -> str:
        trigger = f"{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._born[trigger] = (self._clock(), user)
        return trigger

    def redeem(self, trigger: str) -> tuple[str, str]:
        """The person who acted and "", or "" and Slack's error."""
        born, user = self._born.get(trigger, (0.0, ""))
        if not user:
            return "", "invalid_trigger_id"
        if trigger in self._used:
            return "", "exchanged_trigger_id"
        if self._clock() - born > LIFE:
            return "", "expired_trigger_id"
        self._used.add(trigger)
        return user, ""
