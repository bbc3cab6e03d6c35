"""If an error ends a run before its commit, and people saw the run: end its message and record a refusal."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain.promotion.attempt import Kind
from liftgate.errors import LiftgateError
from liftgate.services import outcomes
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="turn-away", task_run_name="tell the refusal", **HEALS)
def turn_away(kind: Kind, application: str, environment: str, error: LiftgateError) -> None:
    """Does nothing if people did not see the run, or if there is a commit."""
    outcomes.turn_away(integrations(), str(flow_run.id), kind, application, environment, error)
