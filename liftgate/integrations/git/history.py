"""What we did on a branch: a commit is believed by its signature or by the proposal it merged, never by its words.

Whoever may push may write any message. A commit stands for a promotion only when

- a key that `.liftgate/allowed_signers` allows for commits signed it, or
- it is a merge whose second parent is such a signed commit (a forge's merge method `merge`).

The keys are those of the commit's first parent: no commit brings the key that proves it. Squashed and rebased
proposals keep no signature, so they are people's own commits. The worker signs commits of the ledger too; they name no
environment, and stand for no promotion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Final

from pydantic import Field

from liftgate.domain import commit_object, signature
from liftgate.domain.message import ENVIRONMENT, PROMOTION_ID, read_trailers
from liftgate.domain.promotion import PROPOSALS
from liftgate.errors import Misconfigured
from liftgate.integrations.git.repository import Commit, Repository
from liftgate.integrations.git.tree import ALLOWED_SIGNERS

Trailers = Mapping[str, tuple[str, ...]]

_OURS: Final = f"{PROMOTION_ID}: \n{PROPOSALS}"
"""What git looks for in messages (each line by itself) where all promotions are wanted: also a merge that a person
made in the forge names the proposal's branch."""
_FIRST, _LARGEST = 10, 10_000
"""Commits that are read at once: few at first, as most questions are about the newest."""
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


def find_promotion_commit(repository: Repository, head: str, promotion: str) -> Change | None:
    """The promotion's commit in the history of `head`; commits that only name the promotion hide it from nobody."""
    if not promotion:
        return None
    found = history(repository, head, grep=promotion)
    return next((change for change in found if change.promotion == promotion), None)


def promotion_commits(repository: Repository, head: str, *, limit: int | None = None) -> Iterator[Change]:
    """The commits of promotions and rollbacks in the history of `head`, newest first, at most so many."""
    ours = (change for change in history(repository, head, grep=_OURS) if change.promotion)
    return islice(ours, limit)


def history(repository: Repository, head: str, *, since: str = "", path: str = "", grep: str = "") -> Iterator[Change]:
    """The branch, newest first, read by pages as far as it is asked for. `grep` narrows by words of the message."""
    size = _FIRST
    while commits := repository.log(f"{since}..{head}" if since else head, path=path, grep=grep, limit=size):
        yield from proven(repository, commits)
        if not commits[-1].parents:
            return
        head, size = commits[-1].parents[0], min(4 * size, _LARGEST)


def change(repository: Repository, sha: str) -> Change:
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
    names = [name for commit in commits for name in (f"{commit.parents[0]}:{ALLOWED_SIGNERS}", *_signable(commit))]
    objects = iter(repository.objects(names))
    found: dict[str, Trailers] = {}
    for commit in commits:
        signers = _signers(next(objects))
        read = [commit_object.read(raw) for _ in _signable(commit) if (raw := next(objects))]
        signed = (read_trailers(each.message) for each in read if each.is_signed_by(signers))
        found[commit.sha] = next((trailers for trailers in signed if ENVIRONMENT in trailers), {})
    return found


def _signable(commit: Commit) -> tuple[str, ...]:
    """The objects whose signature can prove it: itself, or of two parents the one that was merged."""
    return (commit.sha, *(commit.parents[1:] if len(commit.parents) == 2 else ()))


def _signers(data: bytes | None) -> tuple[signature.Signer, ...]:
    """A line that is none takes nothing from the others: it may be another person's, of another day."""
    signers: list[signature.Signer] = []
    for line in (data or b"").decode(errors="replace").splitlines():
        with suppress(Misconfigured):
            signers += signature.read_allowed(line)
    return tuple(signers)
