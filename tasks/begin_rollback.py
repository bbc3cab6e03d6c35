"""Find out what a rollback takes back, and how far it came if it began before."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain import ledger, plain
from liftgate.domain.promotion import AUTOMATIC, Promotion
from liftgate.errors import Refused
from liftgate.integrations.git.tree import Tree
from liftgate.services import restore as restoring
from liftgate.services.notifications import beside
from liftgate.services.requests import who_asked
from liftgate.wiring import Integrations, integrations
from tasks.aim import Wish, aim_at_bad, aim_at_good
from tasks.retry import LASTS
from tasks.values_back import values_back


@task(name="begin-rollback", task_run_name="begin", **LASTS)
def begin_rollback(wish: Wish) -> Promotion:
    """Raises Refused when there is nothing to take back, or to go back to."""
    plain.check(wish.model_dump())
    at, identity = integrations(), str(flow_run.id)
    if wish.promotion and wish.back_to:
        raise Refused("a rollback takes one promotion back, or goes back to one: name either, not both")
    tree = at.tree(at.git.fetch())
    tree.environment(wish.environment)
    run = at.runs.read(identity)
    by_hand = run is not None and bool(run.deployment)
    requester = who_asked(at, tree, run, wish.requested_by, "") if run and by_hand else AUTOMATIC
    aim = aim_at_good(at, tree, wish, identity) if wish.back_to else aim_at_bad(at, tree, wish, by_hand=by_hand)
    rollback = Promotion(
        kind="rollback",
        application=wish.application,
        environment=wish.environment,
        argocd=tree.argocd(wish.application, wish.environment),
        path=tree.path(wish.application, wish.environment),
        head=tree.commit,
        requester=requester,
        requested_at=run.created if run else at.clock.now(),
        reason=plain.one_line(wish.reason) or f"rolled back by {requester}",
        entry=ledger.find(at.entries(wish.application), aim.id),
        **aim.model_dump(),
    )
    rollback = rollback.model_copy(update={"previous": _version(at, tree, rollback)})
    if by_hand:
        beside("the run keeps its name", lambda: at.runs.rename(identity, rollback.title))
    return rollback


def _version(at: Integrations, tree: Tree, rollback: Promotion) -> str:
    """What people call the values that are there afterwards."""
    file = at.git.file(rollback.revision, rollback.path) if rollback.revision else None
    data = (file.data if file else b"") if rollback.revision else values_back(at, tree.commit, rollback)
    return restoring.version_of(tree, rollback.application, rollback.environment, data or b"")
