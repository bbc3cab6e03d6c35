"""The newest commits of many files, found by one walk along the branch instead of one for each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, takewhile
from typing import Final

from liftgate.integrations.git.kept_answers import keep_answer, known_answer
from liftgate.integrations.git.process import Result
from liftgate.integrations.git.questions import ancestor_question, log_question
from liftgate.integrations.git.repository import Commit, Repository

PAGE: Final = 500
"""Commits that are compared with the ones before them at once."""
WORTH: Final = 20
"""Files for which git looks one by one as soon as a page is read."""
_NOT_PLAIN: Final = frozenset("*?[\\:")

Group = tuple[str, ...]
"""Paths as `Repository.log` takes them."""


def find_newest(repository: Repository, head: str, groups: Collection[Group]) -> None:
    """`Repository.log(head, paths=group, limit=1)` is answered then without asking git, and so is whether the history
    of `head` has that commit. Pages that find little cost no more than to ask git for each group: that is done later
    for what they do not find. Raises Unavailable."""
    asked = {group for group in groups if _is_plain(group)}
    left = {group for group in asked if not known_answer(repository.git, *log_question(head, group, limit=1))}
    by_path = defaultdict[bytes, list[Group]](list)
    for group in left:
        for path in group:
            by_path[path.encode(errors="surrogateescape")].append(group)
    at, poor, most = head, 0, len(left) / WORTH
    while at and len(left) >= WORTH and poor < most:
        commits, before, known = repository.log(at, limit=PAGE), len(left), 0
        for commit, paths in _changes(repository, commits):
            known += 1
            for group in left.intersection(chain.from_iterable(by_path[path] for path in paths if path in by_path)):
                left.remove(group)
                _keep(repository, head, group, commit)
        at = commits[-1].parents[0] if known == PAGE else ""
        poor += before - len(left) < WORTH


def _is_plain(group: Group) -> bool:
    """Whether each of them means to git one file, or all below one folder."""
    return bool(group) and not any(_NOT_PLAIN.intersection(path) for path in group)


def _changes(repository: Repository, commits: Sequence[Commit]) -> Iterator[tuple[Commit, set[bytes]]]:
    """The paths that each of the commits changed, and the folders above them; up to one of which that cannot be told:
    the first of all, or the last that a clone has."""
    known = list(takewhile(lambda commit: commit.parents, commits))
    steps = [(commit.sha, commit.parents[0]) for commit in known]
    for commit, raw, step in zip(known, repository.changes(steps), steps, strict=True):
        if not raw and len({repository.object_id(each, "") for each in step}) != 1:
            return
        yield commit, _with_folders(raw.split(b"\0")[1::2])


def _with_folders(paths: Sequence[bytes]) -> set[bytes]:
    parts = (path.split(b"/") for path in paths)
    return {b"/".join(names[:depth]) for names in parts for depth in range(1, len(names) + 1)}


def _keep(repository: Repository, head: str, group: Group, commit: Commit) -> None:
    found, yes = (Result(status=0, out=out, err=b"") for out in (f"{commit.sha}\n".encode(), b""))
    keep_answer(repository.git, found, *log_question(head, group, limit=1))
    keep_answer(repository.git, yes, *ancestor_question(commit.sha, head))
