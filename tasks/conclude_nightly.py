"""One summary of the night: an artifact, one message, and the state of the run."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from liftgate.domain import nightly
from liftgate.domain.announcement import Announcement
from liftgate.domain.nightly import Outcome
from liftgate.services.beside import catch_up
from liftgate.services.notifications import tell_about
from liftgate.wiring import integrations
from tasks.retry import HEALS
from tasks.show import show


@task(name="conclude-nightly", task_run_name="one summary", **HEALS)
def show_night(environment: str, outcomes: tuple[Outcome, ...]) -> None:
    """Repeated, it brings the same message up to date."""
    at, identity = integrations(), str(flow_run.id)
    said = nightly.summary(environment, outcomes)
    show("nightly", nightly.as_markdown(environment, outcomes), said)
    sign = "❌" if any(outcome.bad for outcome in outcomes) else "✅"
    announcement = Announcement(promotion=identity, title=f"nightly → {environment}", state=f"{sign} {said}")
    run = at.runs.read(identity)
    tell_about(at, identity, announcement, run.created if run else at.clock.now())
    catch_up()


def conclude_nightly(environment: str, outcomes: tuple[Outcome, ...]) -> State[Any]:
    """Failed when anything did: a red run is what people look for in the morning."""
    show_night(environment, outcomes, return_state=True)
    said = nightly.summary(environment, outcomes)
    if any(outcome.bad for outcome in outcomes):
        return Failed(name="Incomplete", message=said)
    return Completed(message=said)
