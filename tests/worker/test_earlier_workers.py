"""Which worker a run has now is known also where an earlier one was lost before it could begin the run."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import AwaitingRetry, Scheduled

from liftgate.domain.promotion.liveness import Holder
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.services.notes import Notes
from worker.due_runs import may_have_had_worker


def run(state: State[object], count: int = 0) -> FlowRun:
    return FlowRun(flow_id=uuid4(), run_count=count, state=state, state_name=state.name)


@pytest.mark.parametrize(
    ("due", "expected"),
    [(run(Scheduled()), False), (run(Scheduled(), 1), True), (run(AwaitingRetry()), True)],
    ids=["new", "began", "lost while it was pending"],
)
def test_a_run_that_recovery_took_from_a_worker_had_one(due: FlowRun, expected: bool) -> None:
    assert may_have_had_worker(due) is expected


def test_the_worker_that_got_a_lost_run_counts_though_its_prefect_server_is_behind() -> None:
    """Its first worker was lost before the process began, so Prefect has counted no start."""
    engine = InMemoryRuns(SystemClock())
    engine.deploy("shop", "promote")
    runs = engine.runs("shop")
    notes, now = Notes(runs, runs.create("promote", {}).id), SystemClock().now()
    notes.keep_holder(Holder(worker="host-1", since=now), has_begun=may_have_had_worker(run(Scheduled())))
    behind = Holder(worker="host-2", since=now - timedelta(minutes=2))
    notes.keep_holder(behind, has_begun=may_have_had_worker(run(AwaitingRetry())))
    found = notes.holder()
    assert found is not None
    assert found.worker == "host-2"
