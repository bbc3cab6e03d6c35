"""Which events a task sends, and which flow run they name."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext, TaskRunContext
from prefect.states import AwaitingRetry, Completed, Pending, Retrying, Running

from worker.task_events import FewerEvents, related_run

NEVER = 3600.0
where: contextvars.ContextVar[str] = contextvars.ContextVar("where")


class Task(NamedTuple):
    id: UUID


class Sent:
    """The states that were sent, and from where."""

    def __init__(self) -> None:
        self.states: list[str | None] = []
        self.places: list[str | None] = []
        self.one = threading.Event()

    def __call__(self, *told: Any) -> str:
        _, _, state, _ = told
        self.states.append(state.name)
        self.places.append(where.get(""))
        self.one.set()
        return "sent"


def tell(events: FewerEvents, *states: State[Any]) -> list[Any]:
    run = Task(uuid4())
    return [events(run, before, after) for before, after in zip((None, *states), states, strict=False)]


def test_a_task_that_ends_soon_sends_only_its_end() -> None:
    sent = Sent()
    assert tell(FewerEvents(sent, NEVER), Pending(), Running(), Completed()) == [None, None, "sent"]
    assert sent.states == ["Completed"]


def test_a_task_that_goes_on_is_shown_as_running_in_the_context_of_its_start() -> None:
    sent = Sent()
    contextvars.copy_context().run(_told_elsewhere, FewerEvents(sent, 0.0))
    assert sent.one.wait(10)
    assert (sent.states, sent.places) == (["Running"], ["in the task"])


def _told_elsewhere(events: FewerEvents) -> None:
    where.set("in the task")
    tell(events, Pending(), Running())


def test_a_task_that_is_tried_again_sends_that() -> None:
    sent = Sent()
    tell(FewerEvents(sent, NEVER), Pending(), Running(), AwaitingRetry(), Retrying(), Completed())
    assert sent.states == ["AwaitingRetry", "Retrying", "Completed"]


def test_a_task_that_never_ran_sends_why() -> None:
    sent = Sent()
    tell(FewerEvents(sent, NEVER), Pending(), Pending(name="NotReady"))
    assert sent.states == ["NotReady"]


def test_the_flow_run_is_named_without_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    run = uuid4()
    monkeypatch.setattr(FlowRunContext, "get", lambda: SimpleNamespace(flow_run=SimpleNamespace(id=run)))
    (named,) = asyncio.run(related_run(None))
    assert (named.id, named.role) == (f"prefect.flow-run.{run}", "flow-run")
    assert asyncio.run(related_run(None, {named.id})) == []


def test_in_a_thread_of_a_task_the_flow_run_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    run = uuid4()
    monkeypatch.setattr(TaskRunContext, "get", lambda: SimpleNamespace(task_run=SimpleNamespace(flow_run_id=run)))
    (named,) = asyncio.run(related_run(None))
    assert named.id == f"prefect.flow-run.{run}"


def test_outside_of_a_run_nothing_is_named() -> None:
    assert asyncio.run(related_run(None)) == []
