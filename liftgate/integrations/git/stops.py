"""Stops as branches: `liftgate/stop-all` and `liftgate/stop/ENVIRONMENT`. A branch is there, or it is not; no file is
read and no protected branch is needed, so whoever may push can stop the line with git alone."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from liftgate.domain.plain import one_line
from liftgate.domain.stop import Stop
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.repository import Author, Repository

ALL: Final = "liftgate/stop-all"
REMOTES: Final = "refs/remotes/origin/"
"""Where a clone has them."""
_ONE: Final = "liftgate/stop/"


def branch_of(environment: str) -> str:
    return f"{_ONE}{environment}" if environment else ALL


def message_of(reason: str) -> str:
    """One line: what stands behind it is no part of the reason."""
    return f"{one_line(reason)[:200] or 'no reason given'}\n"


def read(repository: Repository, refs: str = "refs/heads/") -> list[Stop]:
    """Those of the mirror as last fetched, or with REMOTES those of a clone."""
    listed = repository.git("for-each-ref", "--format=%(objectname) %(refname)", f"{refs}{ALL}", f"{refs}{_ONE}")
    rows = [line.split(" ", 1) for line in listed.split("\n") if line]
    commits = repository.commits([sha for sha, _ in rows])
    return [
        Stop(
            environment=ref.removeprefix(refs).partition(_ONE)[2],
            reason=one_line(commit.message.partition("\n\n")[0]),
            by=commit.author or "somebody",
            since=commit.when,
        )
        for (_, ref), commit in zip(rows, commits, strict=True)
    ]


def put(mirror: Mirror, environment: str, reason: str, author: Author, when: datetime) -> bool:
    """Stop the line; whether it was not stopped before. Raises Refused, Unavailable, Misconfigured."""
    ref = f"refs/heads/{branch_of(environment)}"
    sha = mirror.write("", {}, message_of(reason), when, author, None)
    return mirror.push(sha, ref, "") == "pushed"


def take_away(mirror: Mirror, environment: str) -> None:
    """Let it go on; gone is gone, whoever removed it."""
    ref = f"refs/heads/{branch_of(environment)}"
    if mirror.resolve(ref):
        mirror.remove(ref)
