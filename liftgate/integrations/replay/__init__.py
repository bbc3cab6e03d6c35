"""Remembers what may happen only once, such as the use of a sign-in link."""

from __future__ import annotations

from typing import Protocol


class Once(Protocol):
    """Keys that were used, each until it would be worthless anyway. All methods raise Unavailable if that is unknown:
    the caller then refuses, because a replay must not pass."""

    def first(self, key: str) -> bool:
        """Note the use of the key; False if it was noted before."""

    def noted(self, key: str) -> bool:
        """Whether the use of the key was noted."""
