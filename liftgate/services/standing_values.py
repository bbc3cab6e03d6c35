"""The newest commit of an environment's values: what a promotion with nothing to commit verifies."""

from __future__ import annotations

from liftgate.domain.promotion.attempt import Attempt, GatedChange, Rollback
from liftgate.domain.promotion.take_over import HandMade
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import find_change
from liftgate.services.ports import HasBranch
from liftgate.services.rollback_target import taker


def newest_of_values(tree: ConfigSnapshot, application: str, environment: str) -> str:
    """The SHA of the newest commit that changed them; empty if there is none."""
    paths = tree.pathspecs(application, environment)
    return next((commit.sha for commit in tree.repository.log(tree.commit, paths=paths, limit=1)), "")


def is_of_another(at: HasBranch, attempt: Attempt) -> bool:
    """Whether the commit that the attempt verifies is that of another promotion of ours."""
    if not (isinstance(attempt, GatedChange) and attempt.found):
        return False
    return find_change(at.git, attempt.revision).promotion not in ("", attempt.id)


def superseded_by(at: HasBranch, attempt: Attempt, *, is_good: bool) -> str:
    """Why the verdict on a commit that the attempt found counts no more, by the branch as last fetched; empty if it
    does. That of a rollback that failed is looked at by the branch as it is now: raises Unavailable."""
    if isinstance(attempt, Rollback):
        return "" if is_good else replaced(at, attempt)
    if not (isinstance(attempt, GatedChange) and attempt.found):
        return ""
    name, environment = attempt.application, attempt.environment
    hand = HandMade(application=name, environment=environment, commit=attempt.revision)
    taken = find_change(at.git, attempt.revision).promotion or hand.promotion
    if is_good and taker(at.git, attempt.revision, at.git.head, taken):
        return f"commit {attempt.revision[:12]} was taken back meanwhile"
    newest = newest_of_values(at.tree(at.git.head), name, environment)
    if is_of_another(at, attempt) and newest != attempt.revision:
        return f"{environment} has a newer commit {newest[:12]}"
    return ""


def replaced(at: HasBranch, attempt: Attempt) -> str:
    """Says which newer commit brought other values than the attempt's: those are what people want there, and another
    run verifies them. Empty also where the same values came back: no other run would say that they are bad. Raises
    Unavailable."""
    head, own = at.git.fetch(), attempt.revision
    if not at.git.is_ancestor(own, head) or all(
        at.git.object_id(head, path) == at.git.object_id(own, path) for path in attempt.paths
    ):
        return ""
    newest = at.git.log(head, paths=attempt.paths, limit=1)[0].sha
    return f"{attempt.environment} has a newer commit {newest[:12]}, which a run of its own verifies"
