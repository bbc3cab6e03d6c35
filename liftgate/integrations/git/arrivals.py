"""When commits came to the main branch: before that, nothing on their own branch says which keys count for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from liftgate.integrations.git.repository import Repository

MOST: Final = 100_000
"""Commits that are looked at, from the newest."""


class Arrivals(NamedTuple):
    """Which commit the main branch was at before each commit came to it."""

    before: Mapping[str, str]
    """By commit; empty for the first commit of the repository."""
    head: str
    is_cut: bool
    """Whether there are older commits that were not looked at."""

    def stood_on(self, commit: str) -> str | None:
        """The commit whose tree has the keys for this one; None where it is too far back to say.

        A commit that is not on the main branch is judged as if it came now.
        """
        if commit in self.before:
            return self.before[commit]
        return None if self.is_cut else self.head


@lru_cache(maxsize=8)
def arrivals(repository: Repository, head: str, base: str = "", most: int = MOST) -> Arrivals:
    """Of the commits in the history of `head`, after `base` if it is given. Raises Unavailable.

    A commit of the main branch itself stood on its first parent. One of a merged branch stood on the merge's first
    parent: so a branch brings neither a key that proves its own commits, nor one that was removed since it began.
    A person can push a merge with its parents exchanged: the main branch's one is that which has the base.
    """
    until = [f"^{base}"] if base else []
    out = repository.git("rev-list", "--topo-order", "--parents", f"-n{most + 1}", "--end-of-options", head, *until)
    rows = [line.split() for line in out.splitlines()]
    parents = {sha: tuple(above) for sha, *above in rows[:most]}
    line = _line(head, base, parents)
    before: dict[str, str] = {}
    for sha, stood_on in reversed(line.items()):
        before[sha] = stood_on
        left = [each for each in parents[sha] if each != stood_on]
        while left:
            each = left.pop()
            if each in parents and each not in before:
                before[each] = stood_on
                left += parents[each]
    return Arrivals(before, head, is_cut=len(rows) > most)


def _line(head: str, base: str, parents: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Of the commits of the main branch, newest first, the one before each. `parents` has children before parents."""
    has_base = {base} - {""}
    for sha, above in reversed(parents.items()):
        if has_base.intersection(above):
            has_base.add(sha)
    line: dict[str, str] = {}
    at = head
    while at in parents:
        above = parents[at]
        line[at] = at = next((each for each in above if each in has_base), next(iter(above), ""))
    return line
