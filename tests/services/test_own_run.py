"""A process knows whether it still has its run."""

from __future__ import annotations

import pytest

from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs.memory import InMemoryRuns, MemoryRuns
from liftgate.services.own_run import is_own, start_of


@pytest.fixture
def runs() -> MemoryRuns:
    engine = InMemoryRuns(SystemClock())
    engine.deploy("shop", "promote")
    return engine.runs("shop")


@pytest.mark.parametrize("first", ["PENDING", "RUNNING"])
def test_a_run_is_its_process_own_until_it_is_started_again(runs: MemoryRuns, first: str) -> None:
    run = runs.create("promote", {}).id
    runs.set_state(run, "PENDING", "Pending", "")
    if first == "RUNNING":
        runs.set_state(run, "RUNNING", "Running", "")
    seen = runs.read(run)
    assert seen is not None
    start = start_of(seen)
    if first == "PENDING":
        runs.set_state(run, "RUNNING", "Running", "")
    assert is_own(runs, run, start)
    runs.rerun(run, "")
    assert not is_own(runs, run, start)
    for state in ("PENDING", "RUNNING"):
        runs.set_state(run, state, state.title(), "")
        assert not is_own(runs, run, start)
    assert is_own(runs, run, start + 1)
    runs.set_state(run, "CRASHED", "Crashed", "")
    assert not is_own(runs, run, start + 1)
    assert not is_own(runs, "unknown", 1)
