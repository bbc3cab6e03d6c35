"""Bring the values back by one commit on top of what others added since, or find the commit that did."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion import Promotion
from liftgate.services import rollbacks
from liftgate.wiring import integrations
from tasks.retry import LASTS


@task(name="revert-commit", task_run_name="revert-commit", **LASTS)
def revert_commit(rollback: Promotion) -> Promotion:
    """The rollback with the commit that restored the values. Raises Refused where the worker may not push."""
    return rollbacks.revert_once(integrations(), rollback)
