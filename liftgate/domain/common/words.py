"""Small parts of sentences."""

from __future__ import annotations

from collections.abc import Iterable


def in_words(names: Iterable[str], last: str = "and") -> str:
    """`ada, grace and rosa`."""
    *most, end = list(names) or [""]
    return f"{', '.join(most)} {last} {end}" if most else end
