"""What a branch changes, file by file, since it parted from another."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from liftgate_sandbox.forge.bare import Bare

STATUS = {"A": "added", "D": "removed", "M": "modified", "T": "changed"}


class Changed(NamedTuple):
    """One file; `patch` are its hunks without the header, empty for a binary, whose lines count 0."""

    path: str
    status: str
    sha: str
    added: int
    deleted: int
    patch: str


class Size(NamedTuple):
    commits: int
    files: int
    added: int
    deleted: int


def size(bare: Bare, base: str, head: str) -> Size:
    """Of what `changed` has, and how many commits it is."""
    counts = _counts(bare.path, f"{base}...{head}").values()
    added, deleted = (sum(column) for column in zip((0, 0), *counts, strict=True))
    return Size(_commits(bare.path, f"{base}..{head}"), len(counts), added, deleted)


def changed(bare: Bare, base: str, head: str) -> list[Changed]:
    """The files that differ between the merge base of the two SHAs and `head`, by path."""
    range_ = f"{base}...{head}"
    counts = _counts(bare.path, range_)
    raw = bare.run("diff", "--raw", "-z", "--abbrev=40", "--no-renames", range_).split("\0")
    return [
        Changed(path, STATUS.get(fields[4], "changed"), fields[3], *counts[path], _patch(bare, range_, path))
        for fields, path in ((head.split(), path) for head, path in zip(raw[::2], raw[1::2], strict=False))
    ]


@lru_cache
def _commits(path: Path, range_: str) -> int:
    return int(Bare(path).run("rev-list", "--count", range_))


@lru_cache
def _counts(path: Path, range_: str) -> dict[str, tuple[int, int]]:
    """Of each file the lines that were added and deleted; between two SHAs, this never changes."""
    lines = Bare(path).run("diff", "--numstat", "-z", "--no-renames", range_).split("\0")
    fields = [line.split("\t", 2) for line in lines if line]
    return {path: (_number(added), _number(deleted)) for added, deleted, path in fields}


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _patch(bare: Bare, range_: str, path: str) -> str:
    text = bare.run("diff", "--no-renames", range_, "--", f":(literal){path}")
    start = text.find("\n@@")
    return text[start + 1 :] if start >= 0 else ""
