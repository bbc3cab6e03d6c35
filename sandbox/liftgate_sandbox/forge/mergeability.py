"""`mergeable` and `mergeable_state` of a pull request, computed after the first question as on GitHub."""

from __future__ import annotations

from typing import NamedTuple

from liftgate_sandbox.forge.bare import Bare
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.model import Pull, Repository
from liftgate_sandbox.forge.readiness import blockers, failing
from liftgate_sandbox.forge.rulesets import refused_merge


class Mergeability(NamedTuple):
    """`mergeable` is null while GitHub computes it (and on a closed pull request)."""

    mergeable: bool | None
    state: str


def ask(core: Core, repository: Repository, pull: Pull) -> Mergeability:
    """The answer to a GET: the first one about a pair of commits starts the computation and says unknown."""
    if pull.state == "closed":
        return Mergeability(None, "unknown")
    known = (pull.base_sha, pull.head_sha) in core.conflicts
    conflict = conflicts(core, repository, pull)
    if not known:
        return Mergeability(None, "unknown")
    return Mergeability(not conflict, "dirty" if conflict else _state(core, repository, pull))


def _state(core: Core, repository: Repository, pull: Pull) -> str:
    rules = repository.protections.get(pull.base)
    if pull.draft:
        return "draft"
    able = writers(core)
    if blockers(repository, pull, able) or refused_merge(core, repository, pull, None, able):
        return "blocked"
    if rules and rules.strict and is_behind(core.bare(repository), pull):
        return "behind"
    return "unstable" if failing(repository, pull.head_sha) else "clean"


def writers(core: Core) -> set[str]:
    return {user.login for user in core.store.users() if user.may("write")}


def is_behind(bare: Bare, pull: Pull) -> bool:
    return not bare.is_ancestor(pull.base_sha, pull.head_sha)


def conflicts(core: Core, repository: Repository, pull: Pull) -> bool:
    """Whether a three-way merge of the two heads conflicts; remembered for the pair."""
    pair = (pull.base_sha, pull.head_sha)
    if pair not in core.conflicts:
        core.conflicts[pair] = merged_tree(core.bare(repository), *pair) is None
    return core.conflicts[pair]


def merged_tree(bare: Bare, base: str, head: str) -> str | None:
    """The tree of a real three-way merge, or None when it conflicts or the histories are unrelated."""
    done = bare.call("merge-tree", "--write-tree", "--no-messages", base, head)
    return done.stdout.decode().splitlines()[0] if done.returncode == 0 else None
