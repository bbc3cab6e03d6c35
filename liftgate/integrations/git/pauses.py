"""Pauses as branches: `liftgate/pause-all` and `liftgate/pause/ENVIRONMENT`.

A branch exists or it does not. No file is read and no protected branch is needed: push rights are enough to pause
promotions with git alone. `liftgate/resume/PAUSE` is a maintainer's signed commit that lifts one; which pauses are in
force says `ledger.pause_files`, because a deleted branch lifts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from liftgate.domain.approval.pause import ALL, ONE, Pause, environment_of, pause_message, place_of
from liftgate.domain.common.plain import one_line
from liftgate.domain.secrets.masking import masked
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.refs import listed_refs
from liftgate.integrations.git.repository import Author, Commit, Repository

REMOTES: Final = "refs/remotes/origin/"
"""Where a clone has them."""
HEADS: Final = "refs/heads/"
_OURS: Final = "liftgate/"
RESUMES: Final = "liftgate/resume/"


def branch_at(place: str) -> str:
    return f"{_OURS}{place}"


class Branches(NamedTuple):
    pauses: Mapping[tuple[str, str], Pause]
    """By place and commit."""
    resumes: Mapping[str, bytes]
    """The commit objects that say that they lift a pause, by its id: not yet proven."""


def read_branches(repository: Repository, refs: str = HEADS) -> Branches:
    """Those of the mirror as last fetched, or with REMOTES those of a clone: by one look, however many there are."""
    listed = listed_refs(repository, [f"{refs}{_OURS}{place}" for place in (*ALL, *ONE)] + [f"{refs}{RESUMES}"])
    lifting = {ref: sha for ref, sha in listed.items() if ref.startswith(f"{refs}{RESUMES}")}
    pausing = {ref: sha for ref, sha in listed.items() if ref not in lifting}
    found = zip(lifting, repository.objects(lifting.values()), strict=True)
    return Branches(
        _pauses([ref.removeprefix(f"{refs}{_OURS}") for ref in pausing], repository.commits(list(pausing.values()))),
        {ref.removeprefix(f"{refs}{RESUMES}"): data for ref, data in found if data},
    )


def _pauses(places: Iterable[str], commits: Iterable[Commit]) -> dict[tuple[str, str], Pause]:
    return {
        (place, commit.sha): Pause(
            environment=environment_of(place),
            reason=masked(one_line(commit.message.partition("\n\n")[0])),
            by=commit.author or "an unknown person",
            since=commit.when,
        )
        for place, commit in zip(places, commits, strict=True)
    }


def add_pause(mirror: Mirror, environment: str, reason: str, author: Author, when: datetime) -> str:
    """Pause promotions; the new commit, or an empty text where they were paused before. Raises Refused, Unavailable,
    Misconfigured."""
    ref = f"{HEADS}{branch_at(place_of(environment))}"
    sha = mirror.write("", {}, pause_message(reason), when, author, None)
    return sha if mirror.push(sha, ref, "") == "pushed" else ""


def remove_branch(mirror: Mirror, place: str) -> None:
    """It does not matter who removed the branch first."""
    ref = f"{HEADS}{branch_at(place)}"
    if mirror.resolve(ref):
        mirror.remove(ref)
