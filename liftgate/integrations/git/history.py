"""What we did on a branch: a commit is believed by its signature or by the proposal it merged, never by its words.

Everyone who may push can write any message. A commit stands for a promotion only when

- the worker signed it, or
- it is a merge (a forge's merge method `merge`) whose second parent is a proposal that the worker signed, and that
  changes exactly what the proposal changes: the same files, from the same content to the same content.

The worker's keys are those that `.liftgate/allowed_signers` allows for commits, the ledger and runs: a person's own key
for commits is none of them. The keys are those of the commit's first parent: no commit brings the key that proves it.
Squashed and rebased proposals keep no signature, so they are people's own commits. The worker signs commits of the
ledger too; they name no environment, and stand for no promotion.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice, takewhile
from typing import Final

from pydantic import Field

from liftgate.domain.commits import allowed_signers, commit_object, signature
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS, Signer
from liftgate.domain.commits.raw_commit import Raw, read_raw_commit
from liftgate.domain.promotion.attempt import PROPOSALS
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT, PROMOTION_ID, read_trailers
from liftgate.integrations.git import line
from liftgate.integrations.git.line import Row
from liftgate.integrations.git.repository import Commit, Repository

Trailers = Mapping[str, tuple[str, ...]]

_OURS: Final = f"{PROMOTION_ID}: \n{PROPOSALS}"
"""What git looks for in messages (each line by itself) where all promotions are wanted: also a merge that a person
made in the forge names the proposal's branch."""
_FIRST, _LARGEST = 10, 10_000
"""Commits that are read at once: few at first, as most questions are about the newest."""
_LOOKED_AT: Final = 100
"""The newest commits, in which git itself looks for a promotion that the index does not know."""
_REMEMBERED: Final = 200_000
_proofs: dict[str, Trailers] = {}
"""What is proven of a commit never changes, so each is looked at once in a process."""


class Change(Commit):
    """A commit of the branch with the trailers that we signed; a person's own has none, whatever its message says."""

    trailers: Trailers = Field(default_factory=dict)

    def trailer(self, key: str) -> str:
        """The first value of the trailer, or an empty string."""
        return next(iter(self.trailers.get(key, ())), "")

    @property
    def promotion(self) -> str:
        """The promotion, or the rollback, that this commit is; empty for a person's own."""
        return self.trailer(PROMOTION_ID)

    @property
    def planned_on(self) -> str:
        """A revision: the commit on which a promotion's own one was planned, also where the forge merged it."""
        return f"{self.parents[1]}^1" if len(self.parents) == 2 else self.parents[0]


def find_promotion_commit(repository: Repository, head: str, promotion: str) -> Change | None:
    """The promotion's commit in the history of `head`; commits that only name the promotion do not hide it.

    The index only says where to look: what is found is proven again, and that there is none is believed only after a
    look at the newest commits themselves.
    """
    if not promotion:
        return None
    newest, since = _indexed_head(repository, head), ""
    if newest:
        rows = list(line.promotion_rows(repository, newest, partial(_rows, repository), [promotion]))
        for change in _read_rows(repository, rows, promotion):
            if change.promotion == promotion:
                return change
        since = "" if rows else _looked_at(repository, newest)
    found = history(repository, newest or head, since=since, grep=promotion)
    return next((change for change in found if change.promotion == promotion), None)


def promotion_commits(repository: Repository, head: str, *, limit: int | None = None) -> Iterator[Change]:
    """The commits of promotions and rollbacks in the history of `head`, newest first, at most so many."""
    ours = (change for change in _with_words(repository, head, _OURS) if change.promotion)
    return islice(ours, limit)


def promotions_of(repository: Repository, head: str) -> dict[str, str]:
    """The newest commit by promotion: `find_change` proves one. That a promotion has none is as sure as by
    `find_promotion_commit`: git itself has looked at the newest commits."""
    newest = _indexed_head(repository, head)
    rows = list(line.promotion_rows(repository, newest, partial(_rows, repository))) if newest else []
    since = _looked_at(repository, newest) if newest else ""
    seen = list(history(repository, newest or head, since=since, grep=_OURS))
    known = {row.promotion: row.sha for row in reversed(rows)}
    return known | {change.promotion: change.sha for change in reversed(seen) if change.promotion}


def place_commits(
    repository: Repository, head: str, applications: Collection[str], environment: str, *, since: str = ""
) -> Iterator[Change]:
    """Those of the applications in the environment, newest first, wherever their files were at the time."""
    words = "\n".join([*(f"{APPLICATION}: {name}" for name in applications), PROPOSALS])
    place = (environment, tuple(applications))
    for change in _with_words(repository, head, words, place=place, since=since):
        if change.trailer(ENVIRONMENT) == environment and change.trailer(APPLICATION) in applications:
            yield change


def _with_words(
    repository: Repository, head: str, words: str, *, place: tuple[str, Sequence[str]] = ("", ()), since: str = ""
) -> Iterator[Change]:
    """Commits of promotions that have one of the words (each a line) in the message; by the index only those to this
    environment of applications with these names, if any are given."""
    newest = _indexed_head(repository, head)
    if not newest or (since and not _is_on_line(repository, newest, since)):
        yield from history(repository, head, since=since, grep=words)
        return
    environment, names = place
    asked = [*names, *filter(None, [since])] if names else []
    rows = takewhile(
        lambda row: row.sha != since, line.promotion_rows(repository, newest, partial(_rows, repository), asked)
    )
    if not names:
        yield from _read_rows(repository, rows, words)
        return
    there = (row for row in rows if row.environment == environment and row.application in names)
    yield from _read_rows(repository, there, words, first=1)  # often the newest is enough


def _indexed_head(repository: Repository, head: str) -> str:
    """The commit; empty where the index does not answer, or there is no such commit."""
    return repository.resolve(head) if line.is_indexed(repository) else ""


@lru_cache(maxsize=64)
def _looked_at(repository: Repository, newest: str) -> str:
    """The commit below the newest ones in which git looks; empty in a shorter history."""
    return repository.resolve(f"{newest}~{_LOOKED_AT}")


def _is_on_line(repository: Repository, head: str, commit: str) -> bool:
    """Whether it is a promotion's. Of others, git says what they have in their history."""
    rows = line.promotion_rows(repository, head, partial(_rows, repository), [commit])
    return any(row.sha == commit for row in rows)


def _rows(repository: Repository, commits: Sequence[Commit]) -> list[Row]:
    """For the index, which keeps them for good: so raises Unavailable if a merged commit is missing, as in a damaged
    clone. It could be the proof."""
    repository.commits([_signed_part(commit) for commit in commits if len(commit.parents) == 2])
    changes = (change for change in proven(repository, commits) if change.trailers)
    return [
        Row(change.sha, change.promotion, change.trailer(APPLICATION), change.trailer(ENVIRONMENT))
        for change in changes
    ]


def _read_rows(repository: Repository, rows: Iterable[Row], words: str, first: int = _FIRST) -> Iterator[Change]:
    """The commits themselves, by pages, as `history` finds them by the words of their messages."""
    left, size = iter(rows), first
    while page := [row.sha for row in islice(left, size)]:
        found = [one for one in repository.commits(page) if any(word in one.message for word in words.split("\n"))]
        yield from proven(repository, found)
        size = min(4 * size, _LARGEST)


def history(
    repository: Repository, head: str, *, since: str = "", paths: Sequence[str] = (), grep: str = ""
) -> Iterator[Change]:
    """The branch, newest first, read by pages as far as it is asked for. `grep` narrows by words of the message."""
    size = 1 if paths else _FIRST  # git walks far for each commit that touched one of a few files
    while commits := repository.log(f"{since}..{head}" if since else head, paths=paths, grep=grep, limit=size):
        yield from proven(repository, commits)
        if not commits[-1].parents:
            return
        head, size = commits[-1].parents[0], min(4 * size, _LARGEST)


def find_change(repository: Repository, sha: str) -> Change:
    """One commit that is there."""
    return proven(repository, repository.log(sha, limit=1))[0]


def proven(repository: Repository, commits: Iterable[Commit]) -> list[Change]:
    """The same commits, each with what is proven of it: by one process, however many there are."""
    listed = list(commits)
    found = {commit.sha: _proofs[commit.sha] for commit in listed if commit.sha in _proofs}
    found |= _proven(repository, [commit for commit in listed if commit.sha not in found and _may_be_ours(commit)])
    if len(_proofs) > _REMEMBERED:
        _proofs.clear()
    _proofs.update(found)
    return [Change(**dict(commit), trailers=found.get(commit.sha, {})) for commit in listed]


def _may_be_ours(commit: Commit) -> bool:
    return len(commit.parents) == 2 or (bool(commit.parents) and PROMOTION_ID in commit.message)


def _proven(repository: Repository, commits: list[Commit]) -> dict[str, Trailers]:
    names = [name for commit in commits for name in (f"{commit.parents[0]}:{ALLOWED_SIGNERS}", _signed_part(commit))]
    objects = iter(repository.objects(names))
    found: dict[str, Trailers] = {}
    merges: list[tuple[Commit, Raw]] = []
    for commit in commits:
        workers, data = _workers(next(objects)), next(objects)
        found[commit.sha] = _signed_trailers(data, workers)
        if data and found[commit.sha] and len(commit.parents) == 2:
            merges.append((commit, read_raw_commit(data)))
    return found | {commit.sha: {} for commit in _misfits(repository, merges)}


def _signed_part(commit: Commit) -> str:
    """The commit whose signature can prove it: itself, or of two parents the one that was merged."""
    return commit.parents[1] if len(commit.parents) == 2 else commit.sha


def _signed_trailers(data: bytes | None, workers: tuple[Signer, ...]) -> Trailers:
    read = commit_object.read_commit_object(data) if data else None
    trailers = read_trailers(read.message) if read and read.is_signed_by(workers) else {}
    return trailers if ENVIRONMENT in trailers else {}


def _misfits(repository: Repository, merges: list[tuple[Commit, Raw]]) -> list[Commit]:
    """The merges that change anything else than their proposal does; also where a clone lacks what would prove it."""
    steps: list[tuple[str, str]] = []
    for commit, proposal in merges:
        base = proposal.parents[0] if proposal.parents else ""
        steps += [(commit.sha, commit.parents[0]), (commit.parents[1], base)]
    changes = iter(repository.changes(steps))
    found = [(commit, next(changes), next(changes)) for commit, _ in merges]
    return [commit for commit, merged, proposed in found if not merged or merged != proposed]


@lru_cache(maxsize=16)
def _workers(data: bytes | None) -> tuple[Signer, ...]:
    """Kept: almost every commit has the file of the one before."""
    signers = allowed_signers.readable((data or b"").decode(errors="replace"))
    return signature.allowed_for(signature.WORKER, signers)
