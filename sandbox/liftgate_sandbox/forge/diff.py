"""What a branch changes, file by file, since it parted from another."""

from __future__ import annotations

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


def changed(bare: Bare, base: str, head: str) -> list[Changed]:
    """The files that differ between the merge base of the two and `head`, by path."""
    range_ = f"{base}...{head}"
    counts = _counts(bare, range_)
    raw = bare.run("diff", "--raw", "-z", "--abbrev=40", "--no-renames", range_).split("\0")
    return [
        Changed(path, STATUS.get(fields[4], "changed"), fields[3], *counts[path], _patch(bare, range_, path))
        for fields, path in ((head.split(), path) for head, path in zip(raw[::2], raw[1::2], strict=False))
    ]


def _counts(bare: Bare, range_: str) -> dict[str, tuple[int, int]]:
    lines = bare.run("diff", "--numstat", "-z", "--no-renames", range_).split("\0")
    fields = [line.split("\t", 2) for line in lines if line]
    return {path: (_number(added), _number(deleted)) for added, deleted, path in fields}


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _patch(bare: Bare, range_: str, path: str) -> str:
    text = bare.run("diff", "--no-renames", range_, "--", f":(literal){path}")
    start = text.find("\n@@")
    return text[start + 1 :] if start >= 0 else ""
