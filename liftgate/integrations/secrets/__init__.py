"""Encrypted values: whether they can be decrypted, without ever seeing what they say."""

from __future__ import annotations

from typing import Protocol


class Secrets(Protocol):
    def refusal(self, path: str, data: bytes, deadline: float) -> str:
        """Why the file cannot be decrypted, in a sentence; "" when it can. The keyless gate comes first.

        `deadline` is in seconds. Raises Unavailable when there was no answer in time.
        """
