"""What a push changed, as git's post-receive hook reports it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Change(NamedTuple):
    """One ref from `old` to `new`; 40 zeros mean that it was not, or is no more."""

    ref: str
    old: str
    new: str


ZERO = "0" * 40


def read(receipt: Path) -> list[Change]:
    """The changes in a receipt; none when git refused everything and wrote nothing."""
    if not receipt.exists():
        return []
    lines = (line.split() for line in receipt.read_text().splitlines())
    return [Change(ref, old, new) for old, new, ref in lines]
