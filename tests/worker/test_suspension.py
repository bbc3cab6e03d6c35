"""A person suspends a run on Prefect's pages: its flow notices, and nothing waits for the look."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Self
from uuid import UUID, uuid4

from prefect.client import orchestration
from prefect.client.schemas.objects import State
from prefect.states import Pending, Running, Scheduled, Suspended

from tests.examples import NOW
from worker.sources import STATE_ID
from worker.suspension import occasional_looks

SHORT = 0.01


def in_order(*states: State[Any]) -> list[State[Any]]:
    """A state every three seconds."""
    return [
        state.model_copy(update={"timestamp": NOW + timedelta(seconds=3 * number)})
        for number, state in enumerate(states)
    ]


class Client:
    """Says of the run what it is told to."""

    def __init__(self, *answers: Sequence[State[Any]] | Exception) -> None:
        self.answers = list(answers)
        self.asked_all = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def read_flow_run_states(self, _: UUID) -> Sequence[State[Any]]:
        said = self.answers.pop(0) if self.answers else []
        if not self.answers:
            self.asked_all.set()
        if isinstance(said, Exception):
            raise said
        return said


class Request:
    def __init__(self) -> None:
        self.marked = threading.Event()
        self.state: State[Any] | None = None

    def mark_requested(self, state: State[Any]) -> None:
        self.state = state
        self.marked.set()


def test_a_run_that_was_suspended_is_marked_also_after_an_outage(monkeypatch: Any) -> None:
    begun: list[State[Any]] = [Pending(), Running()]
    client = Client(in_order(*begun), ConnectionError("away"), in_order(*begun, Suspended()))
    request = Request()
    monkeypatch.setattr(orchestration, "get_client", lambda **_: client)
    with occasional_looks(uuid4(), request, SHORT):
        assert request.marked.wait(10)
    assert request.state is not None
    assert request.state.name == "Suspended"


def test_a_run_that_was_resumed_between_two_looks_is_marked_too(monkeypatch: Any) -> None:
    """Another process has it then, and two would do the same."""
    taken: State[Any] = Pending()
    request = Request()
    states = in_order(taken, Running(), Suspended(), Scheduled(name="Resuming"), Pending(), Running())
    monkeypatch.setattr(orchestration, "get_client", lambda **_: Client(states))
    monkeypatch.setenv(STATE_ID, str(taken.id))
    with occasional_looks(uuid4(), request, SHORT):
        assert request.marked.wait(10)
    assert request.state is not None
    assert request.state.id == states[2].id


def test_the_process_that_goes_on_after_a_gate_is_not_marked(monkeypatch: Any) -> None:
    taken: State[Any] = Pending()
    request = Request()
    states = in_order(Pending(), Running(), Suspended(), Scheduled(name="Resuming"), taken, Running())
    client = Client(states, states)
    monkeypatch.setattr(orchestration, "get_client", lambda **_: client)
    monkeypatch.setenv(STATE_ID, str(taken.id))
    with occasional_looks(uuid4(), request, SHORT):
        assert client.asked_all.wait(10)
    assert not request.marked.is_set()


def test_a_flow_that_ends_is_not_looked_at_any_more(monkeypatch: Any) -> None:
    monkeypatch.setattr(orchestration, "get_client", lambda **_: Client())
    before = set(threading.enumerate())
    with occasional_looks(uuid4(), Request()):
        (thread,) = set(threading.enumerate()) - before
    thread.join(10)
    assert not thread.is_alive()
