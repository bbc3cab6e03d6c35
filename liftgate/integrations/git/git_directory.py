"""Where git keeps its files (gitrepository-layout(5)), and what they say without a process of git."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os.path import samestat
from pathlib import Path
from typing import Final

_REF: Final = re.compile(r"(refs/[^\s:^~@?*\\[{]+)[:^~].*")


def git_directory(directory: Path) -> Path | None:
    """The folder `.git` of a clone, or a bare repository itself: nothing that is committed can be below it.

    None for any other directory, such as a work tree that `git worktree add` made.
    """
    inner = directory / ".git"
    if inner.is_dir():
        return inner
    is_bare = (directory / "HEAD").is_file() and all((directory / name).is_dir() for name in ("objects", "refs"))
    return directory if is_bare and not inner.exists() else None


def has_no_ref(directory: Path, expression: str) -> bool:
    """Whether there is surely no ref that the expression (`refs/heads/NAME^{commit}`, `refs/heads/NAME:PATH`) names.

    False for other expressions, and where git keeps refs in another way.
    """
    named = _REF.fullmatch(expression)
    return named is not None and has_no_refs(directory, [named[1]])


def has_no_refs(directory: Path, names: Sequence[str]) -> bool:
    """Whether there is surely no ref of these full names, and none below one of them, as git-for-each-ref(1) has it.

    False where git keeps refs in another way.
    """
    place = git_directory(directory)
    if place is None or (place / "reftable").exists() or (place / "commondir").exists():
        return False
    try:
        before = place.stat()
        # in this order: git packs a ref before it removes the file
        if any((place / name).exists() for name in names):
            return False
        packed = _packed(place)
        whole = [name.encode(errors="surrogateescape").removesuffix(b"/") for name in names]
        if any(b" %s%s" % (name, end) in packed for name in whole for end in (b"\n", b"/")):
            return False
        return samestat(before, place.stat())  # a mirror that was made again took its place: ask git
    except (OSError, ValueError):
        return False


def _packed(place: Path) -> bytes:
    try:
        return (place / "packed-refs").read_bytes()
    except FileNotFoundError:
        return b""
