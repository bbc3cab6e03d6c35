"""`up` is stopped, upgraded, and its parts are killed: open gates stay open, and what was running goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.town import Town
from sandbox_tests.plain import eventually

from liftgate.domain.common.installation import DEFAULT
from liftgate.runtime import prefect_secret, record
from liftgate.runtime.ports import free_port
from liftgate.runtime.project import project_root
from tests.background import in_background
from tests.flows.faults import fault, heal
from tests.flows.test_kills import is_doing
from tests.lab import Lab, configured, seed, variables
from tests.prefect_server import PrefectApi

pytestmark = [pytest.mark.prefect, pytest.mark.long]
STARTS_WITHIN = 300.0
DECIDED = {"dev": {"approvals": {"needed": 1}, "start": "manual"}, "staging": {"start": "manual"}}


@dataclass
class Up:
    """`up` in the background of a script, with everything that it needs."""

    lab: Lab
    ports: tuple[int, int]
    process: subprocess.Popen[bytes] | None = None

    @property
    def out(self) -> Path:
        return self.lab.folder / "out"

    @property
    def said(self) -> str:
        return self.out.read_text()

    def start(self) -> None:
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "LIFTGATE_", "DISPLAY"))}
        own = {name: text for name, text in self.lab.variables.items() if not name.startswith("LIFTGATE_PREFECT__")}
        more = {"LIFTGATE_PREFECT__DATABASE": "sqlite", "PYTHONPATH": str(project_root())}
        ports = ["--prefect-port", str(self.ports[0]), "--server-port", str(self.ports[1])]
        command = in_background([sys.executable, "-m", "liftgate.cli.main", "up", *ports])
        with self.out.open("wb") as out:
            process = subprocess.Popen(command, env=plain | own | more, stdout=out, stderr=out)
        self.process = process
        assert eventually(lambda: "ssh -L" in self.said or process.poll() is not None, within=STARTS_WITHIN), self.said
        assert process.poll() is None, self.said

    def stop(self) -> None:
        """As systemd does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(120) == 0, self.said

    def pid(self, name: str) -> int:
        found = record.read_record(self.lab.prefect.folder, name)
        return found.pid if found else 0

    def kill(self, name: str) -> None:
        """And wait until it runs again."""
        before = self.pid(name)
        os.kill(before, signal.SIGKILL)
        assert eventually(lambda: self.pid(name) not in (0, before), within=120.0), self.said
        assert f"{name} ended with code -9" in self.said
        assert eventually(lambda: f"\n{name} is ready" in self.said.partition(f"{name} ended")[2], within=120.0), (
            self.said
        )


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    ports = free_port(), free_port()
    folder = tmp_path / "state" / "up"
    folder.mkdir(parents=True)
    prefect_secret.made(folder)
    prefect = PrefectApi(f"http://127.0.0.1:{ports[0]}/api", DEFAULT, folder, folder)
    with Town(tmp_path / "town", timings=Timings.fast()) as town:
        lab = Lab(prefect, town, tmp_path)
        seed(lab, configured(lab, policy=DECIDED))
        town.deploy("example-app")
        lab.variables = variables(lab)
        up = Up(lab, ports)
        try:
            yield up
        finally:
            up.stop()


def test_an_upgrade_in_place_keeps_open_gates_and_what_was_running_goes_on(up: Up) -> None:
    lab = up.lab
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


def test_each_part_that_is_killed_runs_again_and_a_promotion_goes_through(up: Up) -> None:
    up.start()
    for name in ("worker", "server", "prefect-server"):
        up.kill(name)
    changes = {"/application/features/search": False}
    run = up.lab.start_as("rosa", "update", application="example-app", environment="staging", changes=changes)
    assert up.lab.ended(run)["name"] == "Promoted", up.said
