"""Take exactly one promotion's commit back, on top of what others added since, or find the commit that did."""

from __future__ import annotations

from prefect import task

from liftgate.domain import message
from liftgate.domain.promotion import Promotion
from liftgate.domain.waves import names
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.wiring import Integrations, integrations
from tasks.begin import find_commit
from tasks.retry import PLAIN, if_unavailable


@task(
    name="revert-commit",
    task_run_name="revert-commit",
    retries=20,
    retry_delay_seconds=[0.2, 0.5, 1, 2],
    retry_condition_fn=if_unavailable,
    **PLAIN,
)
def revert_commit(rollback: Promotion) -> Promotion:
    """The rollback with the commit that restored the values. A retrying sync operation is ended first: it would
    hold the revert up.

    Raises Refused when the branch does not let the worker push: people must act, and are told.
    """
    at = integrations()
    for application in names(rollback.argocd):
        _end_operation(at, application)
    return rollback.committed(_written(at, rollback, rollback.undo))


def _written(at: Integrations, rollback: Promotion, bad: str) -> str:
    head = at.git.fetch()
    if revision := find_commit(at, rollback.id):
        return revision
    tree = reverted(at, head, bad, rollback.path)
    if tree == at.git.object_id(head, ""):
        return head
    subject = f"Roll back {rollback.application} in {rollback.environment} to {rollback.previous or 'what was there'}"
    reverts = at.git.log(bad, limit=1)[0].trailer(message.PROMOTION_ID)
    trailers = [*message.trailers_of(rollback, None, ()), (message.REVERTS, reverts)]
    text = message.compose(subject, f"{rollback.reason}\n\nThis reverts commit {bad}.", trailers)
    sha = at.git.commit_tree(tree, [head], text, at.clock.now(), at.author, at.worker_key)
    if at.git.push(sha, at.git.ref, head) == "stale":
        raise Unavailable("somebody else pushed to the branch in between; looking again")
    at.git.git("update-ref", at.git.ref, sha)
    return sha


def reverted(at: Integrations, head: str, bad: str, path: str) -> str:
    """The tree without the bad commit; where later changes overlap, the file as it was before it."""
    before = at.git.resolve(f"{bad}^1")
    undone = at.git.commit_tree(at.git.object_id(before, ""), [bad], "undone", at.clock.now(), at.author, None)
    merged = at.git.merged_tree(head, undone)
    if merged:
        return merged
    good = at.git.file(before, path)
    return at.git.tree_with(head, {path: good.data if good else None})


def _end_operation(at: Integrations, application: str) -> None:
    try:
        at.deployer.terminate(application)
    except (Unavailable, Refused, Misconfigured) as error:
        print(f"the operation under way could not be ended: {error}")
