"""Where git keeps its files (gitrepository-layout(5)), and what they say without a process of git."""

from __future__ import annotations

import re
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
    named, place = _REF.fullmatch(expression), git_directory(directory)
    if not named or place is None or (place / "reftable").exists() or (place / "commondir").exists():
        return False
    try:
        before = place.stat()
        # in this order: git packs a ref before it removes the file
        if (place / named[1]).exists() or b" %s\n" % named[1].encode(errors="surrogateescape") in _packed(place):
            return False
        return samestat(before, place.stat())  # a mirror that was made again took its place: ask git
    except (OSError, ValueError):
        return False


def _packed(place: Path) -> bytes:
    try:
        return (place / "packed-refs").read_bytes()
    except FileNotFoundError:
        return b""
