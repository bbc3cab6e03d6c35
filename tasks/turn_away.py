"""A run that people saw, and that an error ended before its commit: its message ends, and a refusal is recorded."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain import announcement
from liftgate.domain.announcement import Announcement
from liftgate.domain.ledger import Entry
from liftgate.domain.names import is_name
from liftgate.domain.promotion import MESSAGE, Kind, Promotion, Requester
from liftgate.errors import LiftgateError, Refused, Unavailable
from liftgate.integrations.git.history import find_promotion_commit
from liftgate.integrations.runs.run import Run
from liftgate.services.notifications import for_people, tell_about
from liftgate.services.proposals import close, withdraw
from liftgate.services.requests import who_asked
from liftgate.wiring import Integrations, integrations
from tasks.record import Result, record
from tasks.retry import HEALS


@task(name="turn-away", task_run_name="tell the refusal", **HEALS)
def turn_away(kind: Kind, application: str, environment: str, error: LiftgateError) -> None:
    """Nothing where nobody saw it, or where there is a commit: that is judged, by whoever goes on with it."""
    at, identity = integrations(), str(flow_run.id)
    run = at.runs.read(identity)
    if run is None or not was_shown(at, identity):
        return
    if isinstance(error, Unavailable):
        _end(at, run, f"⛔ stopped: {error}. If it had committed, Liftgate goes on with it; else start a new run")
        return
    head = at.git.fetch()
    if find_promotion_commit(at.git, head, identity) or not (is_name(application) and is_name(environment)):
        return
    promotion = _as_asked(at, run, kind, application, environment)
    entry = record.fn(promotion, Result(outcome="refused", reason=str(error)))
    _end(at, run, f"⛔ {announcement.sentence(entry)}")
    _leave_nothing(at, promotion, entry)


def was_shown(at: Integrations, run: str) -> bool:
    """By a message, or at a gate."""
    return any(key == MESSAGE or key.startswith("plan-") for key in at.runs.inputs(run))


def _as_asked(at: Integrations, run: Run, kind: Kind, application: str, environment: str) -> Promotion:
    """As far as it is known: what is wrong may be the configuration that would say the rest."""
    given = {key: str(run.parameters.get(key, "")) for key in ("reason", "requested_by", "after")}
    tree = at.tree(at.git.head)
    try:
        requester = who_asked(at, tree, run, given["requested_by"], given["after"])
    except Refused:
        requester = Requester(name=given["requested_by"])
    return Promotion(
        id=run.id,
        kind=kind,
        application=application,
        environment=environment,
        argocd=(),
        path="",
        head=tree.commit,
        requester=requester,
        requested_at=run.created,
        reason=given["reason"],
        upstream=given["after"],
    )


def _end(at: Integrations, run: Run, state: str) -> None:
    """Without buttons."""
    tell_about(
        at, run.id, Announcement(promotion=run.id, title=run.name, state=state, url=at.page(run.id)), run.created
    )


def _leave_nothing(at: Integrations, promotion: Promotion, entry: Entry) -> None:
    for_people("the branch of the preview is left behind", lambda: withdraw(at, promotion))
    for_people("the pull request is left open", lambda: close(at, promotion, entry))
