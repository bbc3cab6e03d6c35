"""`up` is stopped, upgraded, and its parts are killed: open gates stay open, and what was running goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.town import Town
from sandbox_tests.plain import eventually

from tests.flows.faults import fault, heal
from tests.flows.test_kills import is_doing
from tests.lab import Lab, configured, seed, variables
from tests.up_program import Up

pytestmark = [pytest.mark.prefect, pytest.mark.long]
DECIDED = {"dev": {"approvals": {"needed": 1}, "start": "manual"}, "staging": {"start": "manual"}}


@dataclass
class Scene:
    """`up` with everything that it needs."""

    lab: Lab
    up: Up


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    up = Up(tmp_path / "state")
    with Town(tmp_path / "town", timings=Timings.fast()) as town:
        lab = Lab(up.prefect, town, tmp_path)
        seed(lab, configured(lab, policy=DECIDED))
        town.deploy("example-app")
        lab.variables = variables(lab)
        up.variables = lab.variables | {"LIFTGATE_PREFECT__DATABASE": "sqlite"}
        try:
            yield Scene(lab, up)
        finally:
            up.stop()


def test_an_upgrade_in_place_keeps_open_gates_and_what_was_running_goes_on(scene: Scene) -> None:
    lab, up = scene.lab, scene.up
    up.start()
    waiting = lab.start_as("rosa", "promote", application="example-app", to="dev")
    lab.suspended(waiting)
    fault(lab, "argocd", "controller-down")
    changes = {"/application/features/search": False}
    running = lab.start_as("rosa", "update", application="example-app", environment="staging", changes=changes)
    assert eventually(lambda: is_doing(lab, running, "sync"), within=120)
    up.stop()
    heal(lab)
    up.start()
    lab.vote(waiting, "grace")
    for run in (waiting, running):
        lab.prefect.wait_for(run, "Promoted", within=120)
    assert [entry.promotion for entry in lab.entries("staging")] == [running]
    assert [entry.promotion for entry in lab.entries("dev")] == [waiting]


def test_each_part_that_is_killed_runs_again_and_a_promotion_goes_through(scene: Scene) -> None:
    lab, up = scene.lab, scene.up
    up.start()
    for name in ("worker", "server", "prefect-server"):
        up.kill(name)
    changes = {"/application/features/search": False}
    run = lab.start_as("rosa", "update", application="example-app", environment="staging", changes=changes)
    assert lab.ended(run)["name"] == "Promoted", up.said
