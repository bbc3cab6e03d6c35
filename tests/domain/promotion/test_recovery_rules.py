"""Every kind of dead run, and what it needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from liftgate.domain.promotion.recovery_rules import CLAIM, PAUSES, RERUNS, RunSnapshot, recovery_action
from tests.examples import NOW, entry

BAD = entry(outcome="rolled back")
GOOD = entry()
LONG = NOW - timedelta(hours=1)
SOON = NOW + timedelta(minutes=1)


def standing(state: str, **facts: Any) -> RunSnapshot:
    plain = {"flow": "promote", "state": state, "state_name": state.title(), "message": "", "since": LONG, "now": NOW}
    return RunSnapshot.model_validate(plain | facts)


@pytest.mark.parametrize(
    ("run", "action"),
    [
        (standing("COMPLETED", entry=GOOD), "leave alone"),
        (standing("SCHEDULED"), "leave alone"),
        (standing("CANCELLING"), "leave alone"),
        (standing("PAUSED", state_name="Held"), "cancel"),
        (standing("PAUSED", state_name="Held", since=NOW - timedelta(minutes=1)), "leave alone"),
        (standing("CRASHED"), "go on"),
        (standing("CRASHED", flow="nightly"), "go on"),
        (standing("CRASHED", flow="rollback"), "go on"),
        (standing("CRASHED", flow="take-over"), "go on"),
        (standing("FAILED", flow="take-over", committed=True, state_name="Refused"), "go on"),
        (standing("FAILED", flow="take-over", committed=False, state_name="Refused"), "tell"),
        (standing("FAILED", flow="take-over", committed=True, deadline=SOON), "go on"),
        (standing("FAILED", flow="take-over", committed=True), "roll back"),
        (standing("FAILED", flow="take-over", committed=True, entry=BAD), "leave alone"),
        (standing("CANCELLED", flow="take-over", committed=True), "go on"),
        (standing("CANCELLED", flow="take-over", committed=True, entry=GOOD), "tell"),
        (standing("FAILED", message="The flow was suspended and never resumed."), "go on"),
        (standing("FAILED", state_name="Refused", entry=entry(outcome="refused")), "leave alone"),
        (standing("FAILED", state_name="RolledBack", committed=True, entry=BAD), "leave alone"),
        (standing("FAILED", committed=True, entry=GOOD), "go on"),
        (standing("FAILED", committed=True), "roll back"),
        (standing("FAILED", state_name="Unavailable", committed=True), "go on"),
        (standing("FAILED", state_name="Misconfigured", committed=True, deadline=SOON), "go on"),
        (standing("FAILED", state_name="Refused", committed=True, deadline=SOON), "go on"),
        (standing("FAILED", committed=True, deadline=SOON), "go on"),
        (standing("FAILED", state_name="Misconfigured", committed=True, deadline=LONG), "roll back"),
        (standing("FAILED", state_name="RolledBack", committed=True, deadline=SOON, entry=BAD), "leave alone"),
        (standing("FAILED", state_name="Misconfigured"), "leave alone"),
        (standing("FAILED", state_name="Unavailable"), "leave alone"),
        (standing("FAILED", flow="rollback", state_name="Unavailable"), "go on"),
        (standing("FAILED", flow="rollback", state_name="Misconfigured"), "go on"),
        (standing("FAILED", flow="rollback", state_name="RollbackFailed"), "leave alone"),
        (standing("FAILED", flow="nightly"), "leave alone"),
        (standing("CANCELLED", committed=True), "roll back"),
        (standing("CANCELLED", committed=True, entry=GOOD), "tell"),
        (standing("CANCELLED", committed=True, entry=BAD), "tell"),
        (standing("CANCELLED", flow="rollback", entry=GOOD), "leave alone"),
        (standing("CANCELLED"), "tell"),
        (standing("CANCELLED", flow="nightly"), "leave alone"),
        (standing("PAUSED"), "leave alone"),
        (standing("PAUSED", decided=True), "wake"),
        (standing("RUNNING"), "leave alone"),
        (standing("PENDING"), "leave alone"),
        (standing("RUNNING", lost=True, worker="w"), "go on"),
        (standing("PENDING", lost=True), "go on"),
        (standing("CANCELLING", lost=True), "cancel"),
    ],
)  # fmt: skip
def test_a_run_gets_what_its_state_asks_for(run: RunSnapshot, action: str) -> None:
    assert recovery_action(run).action == action


def test_a_rerun_that_somebody_took_on_is_left_to_them_for_a_moment() -> None:
    fresh = standing("CRASHED", claims=(NOW - CLAIM / 2,))
    assert recovery_action(fresh).action == "leave alone"
    assert not recovery_action(fresh).is_final
    assert recovery_action(standing("CRASHED", claims=(NOW - CLAIM,))).action == "go on"


def test_a_run_that_fails_again_and_again_is_given_longer_and_longer_pauses() -> None:
    """So that its few tries last longer than the forge is away."""
    tries, died = 0, NOW
    while tries < RERUNS:
        claims = tuple(died - timedelta(hours=1, seconds=n) for n in range(tries))
        failed = standing("FAILED", state_name="Misconfigured", committed=True, claims=claims, since=died)
        early = failed.copy_with(now=died + PAUSES[tries] - timedelta(seconds=1))
        assert recovery_action(early).action == "leave alone" or tries == 0
        assert not recovery_action(early).is_final
        assert recovery_action(failed.copy_with(now=died + PAUSES[tries])).action != "leave alone"
        tries += 1
    assert sum(PAUSES, timedelta()) > timedelta(minutes=7)


def test_a_claim_for_an_earlier_death_does_not_count_for_this_one() -> None:
    died = NOW - timedelta(seconds=1)
    assert recovery_action(standing("CRASHED", since=died, claims=(NOW - timedelta(seconds=5),))).action == "go on"


def test_a_run_that_keeps_dying_is_given_to_people() -> None:
    tried = tuple(LONG - timedelta(minutes=n) for n in range(RERUNS))
    told = recovery_action(standing("CRASHED", claims=tried, message="out of memory"))
    assert told.action == "tell"
    assert told.sentence.endswith("out of memory")
