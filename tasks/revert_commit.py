"""Restore the values by one commit on top of later commits; if a commit already did it, find that commit."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion.attempt import Rollback
from liftgate.services import rollbacks
from tasks.ours import ours
from tasks.retry import LASTS


@task(name="revert-commit", task_run_name="revert-commit", **LASTS)
def revert_commit(rollback: Rollback) -> Rollback:
    """The rollback with the commit that restored the values. Raises Refused if the worker may not push."""
    return rollbacks.revert_once(ours(), rollback)
