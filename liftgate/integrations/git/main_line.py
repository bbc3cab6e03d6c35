"""How a commit stands to the main branch, and whether the repository has the whole history."""

from __future__ import annotations

import shlex
from functools import lru_cache
from typing import Final

from liftgate.errors import Misconfigured
from liftgate.integrations.git.authorship import contains
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.repository import Repository

_OF_CLONE: Final = tuple(f"refs/remotes/origin/{name}" for name in ("HEAD", "main", "master"))


def is_shallow(repository: Repository) -> bool:
    """Whether older commits are missing, as in a clone with `--depth`."""
    return repository.git("rev-parse", "--is-shallow-repository") == "true"


@lru_cache(maxsize=16)
def check_whole_history(repository: Repository) -> None:
    """Raises Misconfigured for a shallow clone, with the command that completes it. A mirror is never shallow."""
    if isinstance(repository, Mirror) or not is_shallow(repository):
        return
    where = shlex.quote(str(repository.git.directory))
    raise Misconfigured(
        "this clone is shallow: it has only the newest commits, and a plan must know what was promoted before; run: "
        f"git -C {where} fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'"
    )


def is_on_a_branch(repository: Repository, commit: str) -> bool:
    """Whether the commit is in the history of any ref. One that was lost may still be among the objects of an old
    clone; what is decided by it must be the same in a new one. Raises Unavailable."""
    if not repository.resolve(commit):
        return False
    if (main := _main(repository)) and contains(repository, main, commit):
        return True
    return bool(repository.git("for-each-ref", "--count=1", f"--contains={commit}"))


def was_rewritten(repository: Repository, commit: str, head: str) -> bool:
    """Whether `head` lacks the commit because the main branch lost it (squashed, rebased, reset): not because `head`
    is older, or is on a branch that began before it."""
    if not repository.resolve(commit):
        return True
    return not contains(repository, commit, head) and not contains(repository, _main(repository) or head, commit)


def _main(repository: Repository) -> str:
    """The main branch's commit; empty where none is known."""
    if isinstance(repository, Mirror):
        return repository.head
    return next(filter(None, map(repository.resolve, _OF_CLONE)), "")
