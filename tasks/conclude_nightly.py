"""One summary of the nightly run: an artifact, one message, and the state of the run."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from liftgate.domain.promotion import nightly
from liftgate.domain.promotion.announcement import Announcement
from liftgate.domain.promotion.nightly import Outcome
from liftgate.services.notifications import tell_about
from liftgate.wiring import integrations
from tasks.retry import HEALS
from tasks.show import publish


@task(name="conclude-nightly", task_run_name="one summary", **HEALS)
def show_night(environment: str, outcomes: tuple[Outcome, ...]) -> None:
    """Safe to repeat: it updates the same message."""
    at, identity = integrations(), str(flow_run.id)
    said = nightly.nightly_summary(environment, outcomes)
    publish("nightly", nightly.nightly_markdown(environment, outcomes), said)
    sign = "❌" if any(outcome.bad for outcome in outcomes) else "✅"
    announcement = Announcement(promotion=identity, title=f"nightly → {environment}", state=f"{sign} {said}")
    run = at.runs.read(identity)
    tell_about(at, identity, announcement, run.created if run else at.clock.now())


def conclude_nightly(environment: str, outcomes: tuple[Outcome, ...]) -> State[Any]:
    """Failed if any promotion failed: people look for a red run in the morning."""
    show_night(environment, outcomes, return_state=True)
    said = nightly.nightly_summary(environment, outcomes)
    if any(outcome.bad for outcome in outcomes):
        return Failed(name="Incomplete", message=said)
    return Completed(message=said)
