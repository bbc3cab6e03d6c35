"""A run whose noted process is gone gets an end, once and by whoever finds it; no other run is mistaken for one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from sandbox_tests.plain import eventually

from liftgate.integrations.runs.prefect import Prefect
from liftgate.runtime import record
from liftgate.runtime.supervisor import Supervisor
from tests.prefect_server import PrefectApi
from tests.worker.conftest import StartWorker
from tests.worker.test_pool import SUSPENDED, are_gone, children, sleeping, zygote_of
from tests.worker_program import LabWorker
from worker import dead_runs
from worker.dead_runs import Notes, Orphans

AT_GATE = ("PENDING", "RUNNING", "PAUSED Suspended", "RESUMED")
FLOWS = "tests.runtime.flows_fixture.simple"


def child() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


def ids(notes: Notes) -> set[str]:
    return {name[:36] for name in notes.gone()}


def test_only_a_note_whose_process_is_gone_is_an_orphans(tmp_path: Path) -> None:
    notes, process = Notes(tmp_path), child()
    one, other = str(uuid4()), str(uuid4())
    for run, pid in ((one, process.pid), (other, os.getpid())):
        notes.claimed(run, 0)
        notes.got(run, 0)
        notes.begun(run, pid)
    assert ids(notes) == set()
    process.kill()
    assert eventually(lambda: ids(notes) == {one}), "a zombie is gone"
    process.wait()
    assert ids(Notes(tmp_path)) == {one}, "also for the next worker"


def test_a_run_that_is_claimed_again_is_not_left_by_what_ended_before(tmp_path: Path) -> None:
    notes, run = Notes(tmp_path), str(uuid4())
    notes.claimed(run, 0)
    (before,) = [record.load_record(tmp_path, path.stem) for path in tmp_path.glob("*.pid")]
    notes.claimed(run, 1)
    notes.left(run, 0)
    assert ids(notes) == set()
    assert before is not None
    notes.forget(f"{run}-{os.getpid()}", before)
    notes.left(run, 1)
    assert ids(notes) == {run}


def test_another_worker_of_this_host_answers_for_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes, run, process = Notes(tmp_path), str(uuid4()), child()
    notes.claimed(run, 0)
    notes.begun(run, process.pid)
    process.kill()
    process.wait()
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert ids(Notes(tmp_path)) == set()


def test_after_a_reboot_a_process_of_the_same_number_and_age_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.write_record(tmp_path, "note", os.getpid(), {})
    assert record.read_record(tmp_path, "note")
    monkeypatch.setattr(record, "boot", lambda: "another boot")
    assert record.read_record(tmp_path, "note") is None


class Scene:
    """Runs that no worker takes, and the notes of a worker that is dead."""

    def __init__(self, server: PrefectApi, pool: str, folder: Path) -> None:
        self.server, self.notes, self.folder = server, Notes(folder), folder
        server.call("POST", "/work_pools/", {"name": pool, "type": "process"})
        self.deployment = server.deploy("x.orphan", pool=pool)
        self.dead = child()
        self.dead.kill()
        self.dead.wait()

    def run(self, *states: str, count: int = 0, got: bool = True, resumes: bool = False) -> str:
        """In the last of these states; its note is of its first beginning, or of that at a gate which has opened."""
        run = self.server.run(self.deployment)
        for state in states:
            kind, _, name = state.partition(" ")
            if kind == "RESUMED":
                self.server.call("POST", f"/flow_runs/{run}/resume", {})
                continue
            wanted = {"type": kind, "name": name or kind.title()} | (SUSPENDED if name == "Suspended" else {})
            self.server.call("POST", f"/flow_runs/{run}/set_state", {"state": wanted, "force": True})
        details = {"count": str(count)} | ({"got": "yes"} if got else {}) | ({"resumes": "yes"} if resumes else {})
        record.write_record(self.folder, f"{run}-{self.dead.pid}", self.dead.pid, details)
        return run

    def state(self, run: str) -> str:
        return str(self.server.read(run)["state"]["type"])


@pytest.mark.prefect
def test_each_run_gets_the_end_it_needs_and_notes_are_kept_until_prefect_has_it(
    prefect_api: PrefectApi, own_pool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_runs, "EVERY", 0.0)
    scene = Scene(prefect_api, own_pool, tmp_path)
    ends = {
        scene.run("PENDING", "RUNNING"): "CRASHED",
        scene.run("PENDING Submitting"): "CRASHED",
        scene.run("PENDING", "RUNNING", "CANCELLING"): "CANCELLED",
        scene.run(*AT_GATE, "PENDING", "RUNNING", count=1, resumes=True): "CRASHED",
        scene.run(*AT_GATE, "PENDING", count=1, resumes=True): "CRASHED",
        scene.run(*AT_GATE, "PENDING", "RUNNING", "CANCELLING", count=1, resumes=True): "CANCELLED",
        scene.run(
            *AT_GATE, "PENDING", "RUNNING", "CRASHED", "SCHEDULED", "PENDING", "RUNNING", count=1, resumes=True
        ): "RUNNING",
        scene.run("PENDING", "RUNNING", "COMPLETED"): "COMPLETED",
        scene.run("PENDING", "RUNNING", "PAUSED"): "PAUSED",
        scene.run("PENDING", "RUNNING", "SCHEDULED", "PENDING", "RUNNING"): "RUNNING",  # elsewhere, by now
        scene.run("PENDING Submitting", got=False): "PENDING",  # another worker got it
    }
    unsure = scene.run("PENDING", got=False)
    monkeypatch.setattr(Prefect, "gaps", ())
    away = Orphans(Prefect("http://127.0.0.1:9/api"), scene.notes)
    for _ in range(3):
        assert away.look() == []
    assert len(list(tmp_path.glob("*.pid"))) == len(ends) + 1, "nothing is forgotten while Prefect is away"
    looks = Orphans(prefect_api.runs_of(own_pool), scene.notes)
    assert looks.look() or looks.look()
    assert {run: scene.state(run) for run in ends} == ends
    assert [path.stem[:36] for path in tmp_path.glob("*.pid")] == [unsure]
    assert scene.state(unsure) == "PENDING", "another worker may just be going on with it"
    monkeypatch.setattr(dead_runs, "PATIENCE", 0.0)
    assert looks.look() == [unsure]
    assert scene.state(unsure) == "CRASHED"
    assert list(tmp_path.glob("*.pid")) == []


@pytest.mark.prefect
def test_when_a_worker_or_every_process_of_its_host_is_killed_its_runs_get_an_end(
    prefect_api: PrefectApi, start_worker: StartWorker, own_pool: str, tmp_path: Path
) -> None:
    supervisor = start_worker()
    worker = supervisor.pid("worker")
    running, flow = sleeping(prefect_api, tmp_path, pool=own_pool)
    os.kill(zygote_of(worker), signal.SIGSTOP)
    pending = prefect_api.run(prefect_api.deploy(f"{FLOWS}.quick", pool=own_pool))
    prefect_api.wait_for(pending, "Pending", "Submitting")
    killed = at_once(worker, signal.SIGSTOP)
    assert flow in killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not any(map(record.born, killed)))
    assert {prefect_api.read(run)["state"]["type"] for run in (running, pending)} == {"RUNNING", "PENDING"}
    supervisor.start(LabWorker(supervisor.folder, prefect_api.access, own_pool))
    for run in (running, pending):
        prefect_api.wait_for(run, "Crashed", within=60.0)
    (tmp_path / "note").unlink()
    when_only_the_worker_is_killed_its_run_ends_crashed(prefect_api, supervisor, own_pool, tmp_path)


def when_only_the_worker_is_killed_its_run_ends_crashed(
    prefect_api: PrefectApi, supervisor: Supervisor, pool: str, folder: Path
) -> None:
    """At once, by what the worker started, which then ends too."""
    run, _ = sleeping(prefect_api, folder, pool=pool)
    worker = record.read_record(supervisor.folder, "worker")
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    prefect_api.wait_for(run, "Crashed", within=30.0)
    assert are_gone(folder)


def at_once(top: int, number: signal.Signals) -> list[int]:
    """Signal a process and all below it, each before those it started; their ids."""
    found, todo = [], [top]
    while todo:
        pid = todo.pop()
        os.kill(pid, number)
        found.append(pid)
        todo += children(pid)
    return found
