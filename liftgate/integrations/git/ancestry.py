"""The newest part of a history, read without a process for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from liftgate.domain.commits.raw_commit import read_raw_commit
from liftgate.integrations.git.object_reader import Object

NEAR: Final = 32
"""Commits that are read; of more, git knows sooner."""


def near_ancestor(read: Callable[[str], Object | None], older: str, newer: str) -> bool | None:
    """None where that is not near enough, or a commit is not here: ask git. Both are full SHAs."""
    first = read(older)
    if first is None or first.kind != "commit":
        return None
    seen, rest = {newer}, deque([newer])
    while rest and len(seen) <= NEAR:
        sha = rest.popleft()
        if sha == older:
            return True
        commit = read(sha)
        if commit is None or commit.kind != "commit":
            return None
        parents = [each for each in read_raw_commit(commit.data).parents if each not in seen]
        seen.update(parents)
        rest.extend(parents)
    return None if rest else False


def first_parents(read: Callable[[str], Object | None], start: str, limit: int) -> list[Object]:
    """So many commits, newest first, each with its first parent after it. Empty where one of them is not here, as below
    a shallow clone: ask git."""
    found, sha = list[Object](), start
    while sha and len(found) < limit:
        commit = read(sha)
        if commit is None or commit.kind != "commit":
            return []
        found.append(commit)
        sha = next(iter(read_raw_commit(commit.data).parents), "")
    return found
