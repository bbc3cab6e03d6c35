"""How a run ends in Prefect: a state with a name, and one sentence."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from threading import Timer
from typing import Any, get_args
from uuid import uuid4

import pytest
from prefect import futures
from prefect.client.schemas.objects import State
from prefect.exceptions import TerminationSignal
from prefect.futures import PrefectConcurrentFuture
from prefect.states import Completed

from liftgate.domain.approval.requester import Requester
from liftgate.domain.ledger.final_state import outcome_of_rollback
from liftgate.domain.ledger.ledger import Outcome
from liftgate.domain.promotion.attempt import Promotion
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.services.best_effort import beside, catch_up
from tasks.final_states import in_a_sentence, state_of, states_of, unchanged
from tests.examples import NOW, RELEASE, entry

NAMED: dict[Outcome, tuple[str, str]] = {
    "promoted": ("COMPLETED", "Promoted"),
    "verified": ("COMPLETED", "Verified"),
    "refused": ("FAILED", "Refused"),
    "expired": ("FAILED", "Expired"),
    "superseded": ("FAILED", "Superseded"),
    "failed": ("FAILED", "Failed"),
    "rolled back": ("FAILED", "RolledBack"),
    "rollback failed": ("FAILED", "RollbackFailed"),
}


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_an_outcome_is_the_runs_state_and_its_sentence_the_message(outcome: Outcome) -> None:
    recorded = entry(outcome=outcome, reason="rejected by grace")
    state = state_of(recorded)
    assert (state.type.value, state.name) == NAMED[outcome]
    assert state.message == recorded.sentence


@pytest.mark.parametrize("error", [Refused("no"), Misconfigured("no"), Unavailable("no")])
def test_an_error_of_ours_is_a_failed_state_with_its_sentence(error: LiftgateError) -> None:
    def body() -> State[Any]:
        raise error

    state = in_a_sentence(body)
    assert (state.type.value, state.name, state.message) == ("FAILED", type(error).__name__, "no")


@pytest.mark.parametrize(
    ("error", "by_then"),
    [(None, ["told"]), (Refused("no"), ["told"]), (RuntimeError("not ours"), ["told"]), (TerminationSignal(15), [])],
)
def test_what_is_told_beside_the_run_is_told_before_it_ends(error: BaseException | None, by_then: list[str]) -> None:
    """Prefect takes no artifact of a flow that has ended. A flow that is terminated has no time for that."""
    told: list[str] = []

    def body() -> State[Any]:
        beside("left out", lambda: told.append("told"))
        if error:
            raise error
        return Completed()

    with suppress(RuntimeError, TerminationSignal):
        in_a_sentence(body)
    assert told == by_then
    catch_up()


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_a_rollbacks_state_says_how_it_ended(outcome: Outcome) -> None:
    said = outcome_of_rollback(state_of(entry(outcome=outcome, kind="rollback")).name)
    assert said == (outcome if outcome in ("verified", "superseded") else "rollback failed")


def test_a_rollback_that_ended_with_an_error_failed() -> None:
    def body() -> State[Any]:
        raise Refused("no")

    assert outcome_of_rollback(in_a_sentence(body).name) == "rollback failed"


def test_what_is_there_already_is_nothing_to_do() -> None:
    there = Promotion(
        id="run", release=RELEASE, application="example-app", environment="dev", argocd=(("a",),), paths=("x",),
        head="", requester=Requester(name="rosa"), requested_at=NOW,
    )  # fmt: skip
    state = unchanged(there)
    assert (state.type.value, state.name) == ("COMPLETED", "NothingToDo")
    assert state.message == "nothing to do: 1.4.2 is in dev, verified"


@pytest.mark.parametrize("within", [None, 30.0, 300.0])
def test_the_state_of_what_was_waited_for_needs_no_request(
    within: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_client(**_: object) -> None:
        raise AssertionError("Prefect was asked")

    monkeypatch.setattr(futures, "get_client", no_client)
    ends: Future[Any] = Future()
    Timer(0.2, ends.set_result, [Completed(message="done")]).start()
    (state,) = states_of([PrefectConcurrentFuture(uuid4(), ends)], within)
    assert state.message == "done"
