"""A patch as numbered lines, for people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@.*")


class Line(NamedTuple):
    """`kind` is hunk, added, removed or same; a side without the line has no number."""

    kind: str
    old: int | None
    new: int | None
    text: str


def lines(patch: str) -> Iterator[Line]:
    """The lines of a patch's hunks, numbered as in the two files."""
    old = new = 0
    for text in patch.splitlines():
        if hunk := HUNK.fullmatch(text):
            old, new = int(hunk[1]), int(hunk[2])
            yield Line("hunk", None, None, text)
        elif text.startswith("+"):
            yield Line("added", None, new, text[1:])
            new += 1
        elif text.startswith("-"):
            yield Line("removed", old, None, text[1:])
            old += 1
        elif text.startswith(" "):
            yield Line("same", old, new, text[1:])
            old, new = old + 1, new + 1
