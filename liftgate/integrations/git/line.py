"""Which commits of a branch stand for promotions, in spans of some thousand commits that the index keeps.

What the history of a commit says never changes: so a span's key is its newest commit, and a rewritten branch has other
spans. A span ends before the next commit whose id is a multiple of EVERY, wherever the branch is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from liftgate.integrations.git.repository import Commit, Repository

EVERY: Final = 1024
_SPANS, _NEWEST = "spans of the branch", "newest spans of the branch"
_KEPT: Final = 20
"""Spans that begin at a commit which was the newest once."""
_FIRST: Final = 10
"""Commits that are read at once; then more, as a longer way is to be expected."""
_REMEMBERED: Final = 64
_remembered: dict[str, Span] = {}


class Row(NamedTuple):
    sha: str
    promotion: str
    application: str
    environment: str


class Span(NamedTuple):
    next: str
    """The commit that the next span begins with; empty where there are no older commits."""
    rows: bytes
    """A line of JSON for each commit that stands for a promotion, newest first."""


Prove = Callable[[Sequence[Commit]], list[Row]]
"""Those of the commits, newest first, that stand for a promotion."""


def is_indexed(repository: Repository) -> bool:
    """Whether questions about a branch are answered from spans. A shallow clone can have more history tomorrow."""
    folder = repository.git.directory
    return repository.index.is_possible and not any(map(Path.exists, (folder / "shallow", folder / ".git" / "shallow")))


def promotion_rows(repository: Repository, head: str, prove: Prove, words: Sequence[str] = ()) -> Iterator[Row]:
    """In the history of the commit `head`, newest first; only those that have one of the words, if any are given.

    Raises Unavailable.
    """
    wanted = [json.dumps(word).encode() for word in words]
    at = head
    while at:
        at, rows = _span(repository, at, prove)
        if not wanted or any(word in rows for word in wanted):
            for line in rows.splitlines():
                row = Row(*json.loads(line)) if not wanted or any(word in line for word in wanted) else None
                if row and (not wanted or {*row}.intersection(words)):
                    yield row


def _span(repository: Repository, head: str, prove: Prove) -> Span:
    if span := _remembered.get(head):
        return span
    span = _known(repository, [head]).get(head) or _made(repository, head, prove)
    if len(_remembered) >= _REMEMBERED:
        _remembered.clear()
    _remembered[head] = span
    return span


def _made(repository: Repository, head: str, prove: Prove) -> Span:
    rows, at, size, following = list[Row](), head, _FIRST, Span("", b"")
    while at:
        commits = repository.log(at, limit=size)
        others = [commit.sha for commit in commits if commit.sha != head]
        known = _known(repository, [sha for sha in others if not _is_first(sha)])
        stop = next((sha for sha in others if _is_first(sha) or sha in known), "")
        until = next((number for number, commit in enumerate(commits) if commit.sha == stop), len(commits))
        rows += prove(commits[:until])
        if stop:
            following = known.get(stop) or Span(stop, b"")
            break
        at, size = next(iter(commits[-1].parents), ""), min(4 * size, EVERY)
    lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    made = Span(following.next, lines + following.rows)
    fact = made.next.encode() + b"\n" + made.rows
    if _is_first(head):
        repository.index.keep(_SPANS, {head: fact})
    else:
        repository.index.keep(_NEWEST, {head: fact}, newest=_KEPT)
    return made


def _known(repository: Repository, commits: Sequence[str]) -> dict[str, Span]:
    kind = _SPANS if commits and _is_first(commits[0]) else _NEWEST
    found = repository.index.known(kind, commits).items()
    return {sha: Span(fact.partition(b"\n")[0].decode(), fact.partition(b"\n")[2]) for sha, fact in found}


def _is_first(sha: str) -> bool:
    return int(sha, 16) % EVERY == 0
