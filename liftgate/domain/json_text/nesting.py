"""How deep JSON text is nested, found before it is parsed: a parser that follows it down can end the process."""

from __future__ import annotations

from itertools import accumulate
from typing import Final

_AS_ARRAYS: Final = bytes.maketrans(b"{}", b"[]")
_OTHERS: Final = bytes({*range(256)} - {*b'[]{}"'})
_STEPS: Final = {ord("["): 1, ord("]"): -1}
_PEELED: Final = 8
"""Levels that are removed from the inside: hardly any text has more, so nothing is left to be counted in Python."""


def is_deeper(text: str, levels: int) -> bool:
    """Whether arrays and objects are opened within each other more than so many times, up to where the text stops being
    JSON."""
    data = text.encode("utf-8", "replace")
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = left = b"".join(data.translate(_AS_ARRAYS, _OTHERS).split(b'"')[::2])
    peeled = min(_PEELED, levels)
    for _ in range(peeled):
        left = left.replace(b"[]", b"")
    # What is never closed stays, so that only the second look is exact.
    return _rises_above(left, levels - peeled) and _rises_above(brackets, levels)


def _rises_above(brackets: bytes, levels: int) -> bool:
    return any(level > levels for level in accumulate(map(_STEPS.__getitem__, brackets)))
