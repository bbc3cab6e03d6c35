"""A process knows whether it still has its run: on a real Prefect server, and on the twin in memory."""

from __future__ import annotations

import pytest

from liftgate.integrations.runs.run import Run
from liftgate.services.own_run import is_own, start_of
from tests.integrations.runs.test_contract import FORM, UNKNOWN, Scene, engine, scene

__all__ = ["engine", "scene"]


def begun(scene: Scene, run: Run, read_in: str) -> int:
    """The number of the start of a process that read the run in this state, and then works on it."""
    seen = {}
    for state in ("PENDING", "RUNNING"):
        scene.runs.set_state(run.id, state, state.title(), "")
        seen[state] = start_of(scene.read(run))
    return seen[read_in]


def check_it_is_lost_by_another_start(scene: Scene, run: Run, start: int) -> None:
    assert is_own(scene.runs, run.id, start)
    scene.runs.rerun(run.id, "")
    assert not is_own(scene.runs, run.id, start)
    again = begun(scene, run, "PENDING")
    assert not is_own(scene.runs, run.id, start)
    assert is_own(scene.runs, run.id, again)
    scene.runs.set_state(run.id, "CRASHED", "Crashed", "")
    assert not is_own(scene.runs, run.id, again)


@pytest.mark.parametrize("read_in", ["PENDING", "RUNNING"])
def test_a_run_is_its_process_own_until_it_is_started_again(scene: Scene, read_in: str) -> None:
    run = scene.start()
    check_it_is_lost_by_another_start(scene, run, begun(scene, run, read_in))
    assert not is_own(scene.runs, UNKNOWN, 1)


@pytest.mark.parametrize("read_in", ["PENDING", "RUNNING"])
def test_so_is_a_run_that_goes_on_after_its_gate_though_prefect_counts_no_start_for_it(
    scene: Scene, read_in: str
) -> None:
    run = scene.start()
    before = begun(scene, run, read_in)
    scene.engine.suspend(run.id, "gate", FORM)
    assert scene.runs.resume(run.id, {"approved": True, "reason": "go"})
    start = begun(scene, run, read_in)
    assert start == before
    check_it_is_lost_by_another_start(scene, run, start)
