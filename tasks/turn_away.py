"""A run that people saw, and that an error ended before its commit: its message ends, and a refusal is recorded."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain.promotion import Kind
from liftgate.errors import LiftgateError
from liftgate.services import outcomes
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="turn-away", task_run_name="tell the refusal", **HEALS)
def turn_away(kind: Kind, application: str, environment: str, error: LiftgateError) -> None:
    """Nothing where nobody saw it, or where there is a commit."""
    outcomes.turn_away(integrations(), str(flow_run.id), kind, application, environment, error)
