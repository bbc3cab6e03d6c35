"""Find out what this run stands for: application, release, requester, and how far it came if it began before."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain import ledger, plain
from liftgate.domain.message import reason_of
from liftgate.domain.promotion import STOP, Promotion, Requester, rollback_id
from liftgate.domain.value import Json
from liftgate.domain.waves import names
from liftgate.errors import Misconfigured
from liftgate.integrations.git.history import find_promotion_commit
from liftgate.integrations.git.tree import Tree
from liftgate.services.candidates import LATEST, choose, version_there
from liftgate.services.changes import check_key
from liftgate.services.notifications import beside
from liftgate.services.requests import who_asked
from liftgate.steps.registry import check_names
from liftgate.wiring import Integrations, integrations
from tasks.ahead import taken
from tasks.retry import HEALS


@task(name="begin", task_run_name="begin", **HEALS)
def begin(  # noqa: PLR0913  everything a run can be asked for
    kind: Any,
    application: str,
    environment: str,
    *,
    release: str = LATEST,
    changes: dict[str, Json] | None = None,
    reason: str = "",
    requested_by: str = "",
    after: str = "",
) -> Promotion:
    """Raises Refused when a rule forbids it before anything is planned, Misconfigured, Unavailable."""
    plain.check(locals())  # everything that was asked for
    at, identity = integrations(), str(flow_run.id)
    ahead = taken(identity)
    head, run = ahead.head.result(), ahead.run.result()
    tree = at.tree(head)
    tree.environment(environment)
    check_names(tree.configuration)
    requester = who_asked(at, tree, run, requested_by, after) if run else Requester(name=requested_by)
    entries = at.entries(application)
    entry = ledger.find(entries, identity)
    begun = find_promotion_commit(at.git, head, identity)
    begun_before = entry is not None or begun is not None
    if not begun_before:
        look_ahead(at, tree, application, environment)
    chosen = None
    if kind == "promote":
        chosen = choose(tree, entries, application, environment, release, check=not begun_before)
    promotion = Promotion(
        id=identity,
        kind=kind,
        application=application,
        environment=environment,
        argocd=tree.argocd(application, environment),
        path=tree.path(application, environment),
        head=head,
        requester=requester,
        requested_at=run.created if run else at.clock.now(),
        reason=plain.one_line(reason),
        release=chosen,
        changes=changes,
        previous=version_there(tree, application, environment),
        revision=begun.sha if begun else "",
        entry=entry,
        upstream=after,
        back=way_back(at, head, identity),
    )
    beside("the run keeps its name", lambda: at.runs.rename(identity, promotion.title))
    return promotion


def way_back(at: Integrations, head: str, promotion: str) -> str:
    """Why this promotion is being rolled back, if a run of it began to, or the sweep says so; else empty."""
    revert = find_promotion_commit(at.git, head, rollback_id(promotion))
    if revert:
        return reason_of(revert.message) or "its rollback was begun"
    return at.runs.inputs(promotion, STOP).get(STOP, "")


def look_ahead(at: Integrations, tree: Tree, application: str, environment: str) -> None:
    """What would stop the promotion after its commit is found before it: no Argo CD, no right, no Application, or a
    key that is not believed here.

    An environment without values yet may get its Application from the commit itself (ApplicationSet).
    """
    check_key(at, tree)
    missing = [name for name in names(tree.argocd(application, environment)) if at.deployer.get(name) is None]
    if missing and tree.values(application, environment):
        raise Misconfigured(
            f"Argo CD has no Application {', '.join(missing)} in the project {at.settings.argocd.project}; look at "
            f"applications.{application}.argocd in liftgate.json and LIFTGATE_ARGOCD__PROJECT"
        )
