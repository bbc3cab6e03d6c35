"""Find out what a rollback takes back, and how far it came if it began before."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain.message import PROMOTION_ID, REVERTS
from liftgate.domain.promotion import Promotion, Requester, rollback_id
from liftgate.errors import Refused
from liftgate.integrations.git.choice import version_there
from liftgate.integrations.git.repository import Commit
from liftgate.integrations.git.tree import Tree
from liftgate.requester import who_asked
from liftgate.wiring import integrations
from tasks.begin import find_commit
from tasks.retry import HEALS


@task(name="begin-rollback", task_run_name="begin", **HEALS)
def begin_rollback(application: str, environment: str, promotion: str, reason: str, requested_by: str) -> Promotion:
    """Raises Refused when there is nothing to take back."""
    at = integrations()
    head = at.git.fetch()
    tree = at.tree(head)
    tree.environment(environment)
    bad = bad_commit(tree, application, environment, promotion)
    reverts = bad.trailer(PROMOTION_ID)
    identity = rollback_id(reverts)
    run = at.runs.read(str(flow_run.id))
    requester = who_asked(at, tree, run, requested_by, "") if run else Requester(name=requested_by)
    entries = at.entries(application)
    return Promotion(
        id=identity,
        kind="rollback",
        application=application,
        environment=environment,
        argocd=tree.argocd(application, environment),
        path=tree.path(application, environment),
        head=head,
        requester=requester,
        requested_at=run.created if run else at.clock.now(),
        reason=reason or f"rolled back by {requester}",
        previous=version_there(Tree(at.git, f"{bad.sha}^1"), application, environment),
        revision=find_commit(at, identity),
        entry=next((e for e in entries if e.promotion == identity), None),
        reverts=reverts,
        undo=bad.sha,
    )


def bad_commit(tree: Tree, application: str, environment: str, promotion: str) -> Commit:
    """The commit of the promotion that is named, else of the newest one there that nobody took back."""
    taken_back: set[str] = set()
    for commit in tree.repository.log(tree.commit, path=tree.path(application, environment)):
        taken_back.update(commit.trailers.get(REVERTS, ()))
        identity = commit.trailer(PROMOTION_ID)
        if not identity or commit.trailer(REVERTS):
            continue
        if identity == promotion or (not promotion and identity not in taken_back):
            return commit
    named = f"promotion {promotion}" if promotion else "a promotion"
    raise Refused(f"there is no commit of {named} of {application} in {environment} to take back")
