"""Small parts of sentences."""

from __future__ import annotations

from collections.abc import Iterable


def in_words(names: Iterable[str], last: str = "and") -> str:
    """`ada, grace and rosa`."""
    *most, end = list(names) or [""]
    return f"{', '.join(most)} {last} {end}" if most else end


def first_of(parts: Iterable[str], most: int) -> list[str]:
    """So many of them, and where there are more, last how many: `and 3 more`."""
    listed = list(parts)
    left = len(listed) - most
    return [*listed[:most], f"and {left} more"] if left > 0 else listed
