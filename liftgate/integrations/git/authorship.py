"""Who wrote the commits between two commits that touched a file, also on branches that were merged."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from liftgate.domain.approval.author import Written
from liftgate.domain.commits import commit_object
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.commits.credits import read_credits
from liftgate.integrations.git.history import Change, proven
from liftgate.integrations.git.repository import Repository

MOST: Final = 5_000
"""Commits that are read; a release rarely brings more than a few."""


class Touched(Written):
    """One commit, and the promotion that it is; empty for a person's own."""

    promotion: str = ""


@lru_cache(maxsize=256)
def written(
    repository: Repository,
    base: str,
    source: str,
    paths: tuple[str, ...],
    signers: tuple[Signer, ...],
    most: int = MOST,
) -> tuple[Touched, ...]:
    """Newest first; without a base from the beginning. What two commits say never changes, so it is read once.

    Raises Unavailable.
    """
    listed = repository.touching(base, source, paths, most + 1)
    kept = listed[:most]
    changes = proven(repository, repository.commits(kept))
    raw = repository.objects(kept)
    found = [_touched(change, data or b"", signers) for change, data in zip(changes, raw, strict=True)]
    if len(listed) > most:
        found.append(Touched(unknown=f"the author of each commit before the newest {most}"))
    return tuple(found)


def _touched(change: Change, data: bytes, signers: tuple[Signer, ...]) -> Touched:
    if change.promotion:
        return Touched(promotion=change.promotion)
    signer = commit_object.read_commit_object(data).signer(signers)
    return Touched(credits=read_credits(data), signer=signer)


def contains(repository: Repository, commit: str, earlier: str) -> bool:
    """Whether the earlier commit is there, and in the history of the commit. Raises Unavailable."""
    return bool(repository.resolve(earlier)) and repository.is_ancestor(earlier, commit)


@lru_cache(maxsize=64)
def first_commit_of(repository: Repository, commit: str, path: str) -> str:
    """The oldest commit in the history of the commit that touched the path; empty if there is none."""
    return next(iter(repository.touching("", commit, (path,), MOST)[::-1]), "")
