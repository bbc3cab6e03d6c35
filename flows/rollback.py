"""Bring an environment back to its values before one promotion, or to the verified values of an earlier one."""

from __future__ import annotations

from typing import Any

from prefect import allow_failure, flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.stages import verify
from liftgate.domain.promotion.attempt import Rollback
from liftgate.domain.promotion.run_request import RunRequest, checked_request
from liftgate.services.outcomes import Result
from tasks.begin_rollback import begin_rollback
from tasks.call_people import call_people, stuck
from tasks.conclude import conclude
from tasks.final_states import deployed_of, in_a_sentence
from tasks.now import now
from tasks.record import record
from tasks.revert_commit import revert_commit
from tasks.show_rollback import show_rollback, shown_plan
from tasks.sync import sync


def run_name() -> str:
    given = flow_run.parameters
    return f"{given['application']} ↩ in {given['environment']}"


@flow(name="rollback", flow_run_name=run_name, log_prints=True)
def rollback(
    application: str,
    environment: str,
    promotion: str = "",
    back_to: str = "",
    reason: str = "",
    requested_by: str = "",
) -> State[Any]:
    """Roll an environment back: restore its values by one commit, sync, verify. It waits for no gate or queue.

    Args:
        application: Application whose values change
        environment: Environment to roll back
        promotion: Id of the promotion to roll back; empty for the newest one
        back_to: Or the id of a promotion whose verified values to restore; this rolls back all later ones
        reason: Recorded in the commit and the ledger
        requested_by: Only without sign-in: your name, for the record; it is not verified
    """
    asked = RunRequest(
        kind="rollback",
        application=application,
        environment=environment,
        promotion=promotion,
        back_to=back_to,
        reason=reason,
        requested_by=requested_by,
    )
    return in_a_sentence(lambda: back(begin_rollback(checked_request(asked))))


def back(rollback: Rollback) -> State[Any]:
    """Safe to restart: it finds the revert by its id, and records the outcome once."""
    if rollback.is_over:
        return conclude(rollback)
    shown = show_rollback.submit(rollback)
    reverted = revert_commit(rollback, return_state=True)
    if not reverted.is_completed():
        ended = stuck(rollback, reverted)
        shown.wait()  # people who must do it themselves want to see it: the end of the flow would not wait
        return ended
    rollback = reverted.result()
    synced = sync(rollback, return_state=True)
    verdict, checked = verify(rollback, synced)
    result = Result.of_rollback(rollback, deployed_of(synced), verdict, now())
    entry = record(rollback, result, wait_for=[allow_failure(state) for state in checked])
    if entry.outcome == "rollback failed":
        call_people(rollback, entry.reason, return_state=True)
    return conclude(rollback.over(entry), shown_plan(shown))
