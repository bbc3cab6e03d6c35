"""Find out what this run stands for: application, release, requester, and how far it came if it began before."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain.promotion import Kind, Promotion
from liftgate.services import begin as service
from liftgate.wiring import integrations
from tasks.ahead import taken
from tasks.retry import HEALS


@task(name="begin", task_run_name="begin", **HEALS)
def begin(kind: Kind, application: str, environment: str, **asked: Any) -> Promotion:
    """Raises Refused when a rule forbids it before anything is planned, Misconfigured, Unavailable."""
    request = service.request(kind=kind, application=application, environment=environment, **asked)
    run_id = str(flow_run.id)
    ahead = taken(run_id)
    return service.begin(integrations(), run_id, ahead.run.result(), ahead.head.result(), request)
