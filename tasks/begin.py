"""Find out what this run must do: application, release, requester, and how far it came if it was started before."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain.promotion.attempt import GatedChange
from liftgate.domain.promotion.run_request import RunRequest
from liftgate.services import begin as service
from liftgate.wiring import integrations
from tasks.ahead import taken
from tasks.retry import HEALS


@task(name="begin", task_run_name="begin", **HEALS)
def begin(asked: RunRequest) -> GatedChange:
    """Raises Refused when a rule forbids the promotion before it is planned; Misconfigured, Unavailable."""
    run_id = str(flow_run.id)
    ahead = taken(run_id)
    return service.begin_change(integrations(), run_id, ahead.run.result(), ahead.head.result(), asked)
