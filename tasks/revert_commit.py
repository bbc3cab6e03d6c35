"""Bring the values back by one commit on top of what others added since, or find the commit that did."""

from __future__ import annotations

from prefect import task

from liftgate.domain import ledger, message
from liftgate.domain.promotion import Promotion
from liftgate.domain.waves import names
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.git.history import find_promotion_commit
from liftgate.services import restore as restoring
from liftgate.wiring import Integrations, integrations
from tasks.retry import LASTS
from tasks.values_back import tree_back


@task(name="revert-commit", task_run_name="revert-commit", **LASTS)
def revert_commit(rollback: Promotion) -> Promotion:
    """The rollback with the commit that restored the values.

    Raises Refused when the branch does not let the worker push: people must act, and are told.
    """
    at = integrations()
    head = at.git.fetch()
    if begun := find_promotion_commit(at.git, head, rollback.id):
        return rollback.committed(begun.sha)
    rollback = _with_all_it_takes_back(at, head, rollback)
    return rollback.committed(_written(at, head, rollback))


def _with_all_it_takes_back(at: Integrations, head: str, rollback: Promotion) -> Promotion:
    """Another promotion may have come since it began."""
    mine = at.entries(rollback.application, rollback.environment)
    chosen = ledger.find(mine, rollback.restores)
    if chosen is None:
        return rollback
    took_back = restoring.taken_back_by(at.tree(head), chosen, mine)
    return rollback.model_copy(update={"took_back": took_back})


def _written(at: Integrations, head: str, rollback: Promotion) -> str:
    """Nothing is written where the values are back already, and no operation ended: it may be what brings them.

    Before a push one is: retrying what is taken back, it would hold the revert up.
    """
    tree = tree_back(at, head, rollback)
    if tree == at.git.object_id(head, ""):
        return head
    for application in names(rollback.argocd):
        _end_operation(at, application)
    subject, trailers = message.subject_of_rollback(rollback), message.trailers_of_rollback(rollback)
    text = message.compose(subject, rollback.reason, trailers, note=_done(rollback))
    sha = at.git.commit_tree(tree, [head], text, at.clock.now(), at.author, at.worker_key)
    if at.git.push(sha, at.git.ref, head) == "stale":
        raise Unavailable("somebody else pushed to the branch in between; looking again")
    return sha


def _done(rollback: Promotion) -> str:
    if rollback.restores:
        return f"This restores {rollback.path} as it was verified at commit {rollback.good}."
    return f"This reverts commit {rollback.undo}."


def _end_operation(at: Integrations, application: str) -> None:
    try:
        at.deployer.terminate(application)
    except (Unavailable, Refused, Misconfigured) as error:
        print(f"the operation under way could not be ended: {error}")
