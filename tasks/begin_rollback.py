"""Find out which promotions a rollback reverts, and how far it came if it was started before."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain.promotion.attempt import Rollback
from liftgate.domain.promotion.run_request import RunRequest
from liftgate.services import rollbacks
from liftgate.wiring import integrations
from tasks.retry import LASTS


@task(name="begin-rollback", task_run_name="begin", **LASTS)
def begin_rollback(asked: RunRequest) -> Rollback:
    """Raises Refused when there is nothing to revert or to restore."""
    return rollbacks.begin_rollback(integrations(), str(flow_run.id), asked)
