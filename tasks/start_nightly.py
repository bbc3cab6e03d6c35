"""Start a promotion for every application, `limit` at once, and wait for the outcomes. A failure stops no other one."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain.promotion.nightly import NightRequest, Outcome
from liftgate.services import nightly
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="start-nightly", task_run_name="start promotions", **HEALS)
def start_nightly(asked: NightRequest) -> tuple[str, tuple[Outcome, ...]]:
    """The first environment, and the outcome of each application."""
    return nightly.night(integrations(), str(flow_run.id), asked)
