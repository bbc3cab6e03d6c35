"""The nearest right word, for errors that help."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean "prod"?`, or the list of known words."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1, cutoff=0.5)
    return f'did you mean "{close[0]}"?' if close else f"known: {', '.join(names) or 'none'}"
