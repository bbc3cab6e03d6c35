"""Start a promotion for every application, so many at once, and see how they end; one stops no other."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain.nightly import Outcome
from liftgate.services import nightly
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="start-nightly", task_run_name="start promotions", **HEALS)
def start_nightly(reason: str, limit: int, minutes: float) -> tuple[str, tuple[Outcome, ...]]:
    """The first environment, and what became of each application."""
    return nightly.night(integrations(), str(flow_run.id), reason, limit=limit, minutes=minutes)
