"""Find out what a rollback takes back, and how far it came if it began before."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain.promotion import Promotion
from liftgate.services import rollbacks
from liftgate.services.rollbacks import Wish
from liftgate.wiring import integrations
from tasks.retry import LASTS


@task(name="begin-rollback", task_run_name="begin", **LASTS)
def begin_rollback(wish: Wish) -> Promotion:
    """Raises Refused when there is nothing to take back, or to go back to."""
    return rollbacks.begin(integrations(), str(flow_run.id), wish)
