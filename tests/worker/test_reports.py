"""A report that Prefect did not answer is repeated, or found to have arrived; it never changes a later start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus, StateAbortDetails, StateAcceptDetails
from prefect.exceptions import Abort
from prefect.states import Completed, Crashed, Pending, Running, Scheduled

from worker.reports import Report, tell

GAPS = (0.0, 0.0)
OURS: State[Any] = Pending(message="taken by w-1")


class Server:
    """One run of Prefect's: a run that is Pending or over is not taken again. Answers fail as often as it is told,
    before or after the effect."""

    def __init__(self, state: State[Any], *, unheard: int = 0, lost: int = 0) -> None:
        self.run = FlowRun(id=uuid4(), flow_id=uuid4(), name="a run", state=state)
        self._unheard, self._lost = unheard, lost
        self.after: Callable[[], None] = lambda: None
        """What another one does after an answer was lost."""

    async def read_flow_run(self, _run: UUID) -> FlowRun:
        return self.run

    async def set_flow_run_state(self, _run: UUID, state: State[Any], **_: bool) -> OrchestrationResult[Any]:
        if self._unheard:
            self._unheard -= 1
            raise httpx.HTTPStatusError("500", request=httpx.Request("POST", "/"), response=httpx.Response(500))
        if state.is_pending() and not (self.run.state and self.run.state.is_scheduled()):
            details = StateAbortDetails(reason="it is pending already")
            return OrchestrationResult[Any](state=None, status=SetStateStatus.ABORT, details=details)
        self.run.state = state.model_copy()
        if self._lost:
            self._lost -= 1
            self.after()
            raise httpx.ReadError("the connection broke")
        return OrchestrationResult[Any](state=state, status=SetStateStatus.ACCEPT, details=StateAcceptDetails())


def told(server: Server, state: State[Any], is_right: Callable[[FlowRun], bool]) -> State[Any] | None:
    report = Report(server.run.id, state.model_copy(), is_right)
    return asyncio.run(tell(cast("PrefectClient", server), report, GAPS))


def is_due(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_scheduled()


def is_going_on(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_running()


def test_what_prefect_did_not_hear_is_repeated() -> None:
    server = Server(Scheduled(), unheard=2)
    taken = told(server, OURS, is_due)
    assert taken is not None
    assert server.run.state is not None
    assert server.run.state.is_pending()


def test_a_run_was_taken_although_the_answer_was_lost() -> None:
    """Otherwise it would stay Pending for a minute."""
    server = Server(Scheduled(), lost=1)
    taken = told(server, OURS, is_due)
    assert taken is not None
    assert taken.message == OURS.message


def test_a_run_was_taken_although_prefects_client_asked_again_and_was_refused() -> None:
    taken = told(Server(OURS), OURS, is_due)
    assert taken is not None


def test_what_another_worker_took_is_refused() -> None:
    with pytest.raises(Abort):
        told(Server(Pending(message="taken by w-2")), OURS, is_due)


def test_what_another_worker_took_meanwhile_is_left_to_it() -> None:
    server = Server(Scheduled(), unheard=1)
    theirs: State[Any] = Pending(message="taken by w-2")

    async def read(_run: UUID) -> FlowRun:
        server.run.state = theirs
        return server.run

    server.read_flow_run = read  # type: ignore[method-assign]
    assert told(server, OURS, is_due) is None
    assert server.run.state == theirs


@pytest.mark.parametrize("later", [Completed(), Scheduled(), Pending(message="taken by w-2")])
def test_an_end_is_not_reported_twice_into_a_later_start(later: State[Any]) -> None:
    server = Server(Running(), lost=1)

    def go_on() -> None:
        server.run.state = later

    server.after = go_on
    assert told(server, Crashed(message="exit code 9"), is_going_on) is None
    assert server.run.state == later


def test_an_end_is_not_reported_of_a_run_that_has_reported_its_own() -> None:
    server = Server(Completed())
    assert told(server, Crashed(message="the worker could not run it"), is_going_on) is None
    assert server.run.state is not None
    assert server.run.state.is_completed()


def test_an_error_that_stays_is_raised() -> None:
    with pytest.raises(httpx.HTTPStatusError):
        told(Server(Scheduled(), unheard=9), OURS, is_due)
