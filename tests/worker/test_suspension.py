"""A person suspends a run on Prefect's pages: its flow notices, and nothing waits for the look."""

from __future__ import annotations

import threading
from typing import Any, Self
from uuid import uuid4

from prefect.client import orchestration
from prefect.client.schemas.objects import State
from prefect.states import Running, Suspended

from worker.suspension import occasional_looks

SHORT = 0.01


class Client:
    """Says of the run what it is told to."""

    def __init__(self, *states: State[Any] | Exception) -> None:
        self.states = list(states)
        self.state: State[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def read_flow_run(self, _: object) -> Client:
        said = self.states.pop(0)
        if isinstance(said, Exception):
            raise said
        self.state = said
        return self


class Request:
    def __init__(self) -> None:
        self.marked = threading.Event()
        self.state: State[Any] | None = None

    def mark_requested(self, state: State[Any]) -> None:
        self.state = state
        self.marked.set()


def test_a_run_that_was_suspended_is_marked_also_after_an_outage(monkeypatch: Any) -> None:
    client, request = Client(Running(), ConnectionError("away"), Suspended()), Request()
    monkeypatch.setattr(orchestration, "get_client", lambda **_: client)
    with occasional_looks(uuid4(), request, SHORT):
        assert request.marked.wait(10)
    assert request.state is not None
    assert request.state.name == "Suspended"


def test_a_flow_that_ends_is_not_looked_at_any_more(monkeypatch: Any) -> None:
    monkeypatch.setattr(orchestration, "get_client", lambda **_: Client())
    before = set(threading.enumerate())
    with occasional_looks(uuid4(), Request()):
        (thread,) = set(threading.enumerate()) - before
    thread.join(10)
    assert not thread.is_alive()
