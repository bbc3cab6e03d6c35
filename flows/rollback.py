"""Bring an environment back to what it was before one promotion."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.stages import verify
from liftgate.domain.promotion import Promotion
from tasks.begin_rollback import begin_rollback
from tasks.conclude import conclude
from tasks.ends import deployed_of, in_a_sentence
from tasks.record import Result, record
from tasks.revert_commit import revert_commit
from tasks.sync import sync


def run_name() -> str:
    given = flow_run.parameters
    return f"{given['application']} ↩ in {given['environment']}"


@flow(name="rollback", flow_run_name=run_name, log_prints=True)
def rollback(
    application: str, environment: str, promotion: str = "", reason: str = "", requested_by: str = ""
) -> State[Any]:
    """Roll an environment back: revert the promotion's commit, sync, verify. It waits for no gate, window or queue.

    Args:
        application: Whose values
        environment: Where
        promotion: Id of the promotion to take back; empty for the newest one
        reason: Stands in the commit and the ledger
        requested_by: Your name, for the record; nobody proves it here
    """
    return in_a_sentence(lambda: back(begin_rollback(application, environment, promotion, reason, requested_by)))


def back(rollback: Promotion) -> State[Any]:
    """Safe to begin again: the revert is found by its id, and the outcome is recorded once."""
    if rollback.is_over:
        return conclude(rollback)
    rollback = revert_commit(rollback)
    synced = sync(rollback, return_state=True)
    verdict, checked = verify(rollback, synced)
    result = Result.of_rollback(rollback, deployed_of(synced), verdict)
    return conclude(rollback.over(record(rollback, result, wait_for=checked)))
