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
    run = ahead.run.result()
    # Prefect's engine may have named it since it was read
    run = run and run.copy_with(name=str(flow_run.name))
    return service.begin_change(integrations(), run_id, run, ahead.head.result(), asked)
