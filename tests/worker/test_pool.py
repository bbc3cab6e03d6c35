"""Warm runs on a real Prefect server: they behave, and die, as cold ones do."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sandbox_tests.plain import eventually

from liftgate.runtime import record
from liftgate.runtime.project import project_root
from liftgate.runtime.supervisor import Supervisor
from tests.prefect_server import PrefectApi
from tests.worker.conftest import workers
from worker import zygote

FLOWS = "tests.runtime.flows_fixture.simple"
SUSPENDED = {"state_details": {"pause_reschedule": True, "pause_timeout": "2100-01-01T00:00:00Z"}}
"""Its process has ended, as at a gate."""

pytestmark = pytest.mark.prefect


@pytest.mark.parametrize(("flow", "ends"), [("quick", "Completed"), ("failing", "Failed")])
def test_a_run_ends_as_its_flow_does(prefect_api: PrefectApi, flow: str, ends: str) -> None:
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.{flow}"))
    prefect_api.wait_for(run, ends)


def test_a_run_sees_the_folder_and_the_variables_of_its_worker(prefect_api: PrefectApi, tmp_path: Path) -> None:
    note = tmp_path / "note"
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.telling"), note=str(note))
    prefect_api.wait_for(run, "Completed")
    assert note.read_text().split() == [str(project_root()), str(project_root()), run]


def test_prefects_pages_know_the_worker_of_a_run(prefect_api: PrefectApi) -> None:
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.quick"))
    prefect_api.wait_for(run, "Completed")
    assert eventually(lambda: "prefect.worker.name" in prefect_api.read(run)["labels"])


def test_a_run_was_forked_and_not_started(prefect_api: PrefectApi, tmp_path: Path) -> None:
    _, flow = sleeping(prefect_api, tmp_path)
    assert Path(f"/proc/{flow}/comm").read_text() == f"{zygote.NAME}\n"
    worker = record.read_record(prefect_api.worker, "worker")
    assert worker is not None
    assert parent(parent(flow)) == zygote_of(worker.pid), "of a keeper, of the zygote"
    assert Path(f"/proc/{flow}/cmdline").read_bytes() == Path(f"/proc/{worker.pid}/cmdline").read_bytes()
    os.kill(flow, signal.SIGKILL)


def test_a_killed_flow_is_seen_as_crashed_at_once_and_its_child_is_gone(
    prefect_api: PrefectApi, tmp_path: Path
) -> None:
    run, flow = sleeping(prefect_api, tmp_path)
    os.kill(flow, signal.SIGKILL)
    prefect_api.wait_for(run, "Crashed", within=30.0)
    assert are_gone(tmp_path)


def test_a_killed_keeper_takes_its_flow_along(prefect_api: PrefectApi, tmp_path: Path) -> None:
    run, flow = sleeping(prefect_api, tmp_path)
    os.kill(parent(flow), signal.SIGKILL)
    prefect_api.wait_for(run, "Crashed", within=30.0)
    assert eventually(lambda: not record.born(flow))


def test_a_cancelled_run_ends_cancelled_and_leaves_no_process(prefect_api: PrefectApi, tmp_path: Path) -> None:
    run, _ = sleeping(prefect_api, tmp_path)
    prefect_api.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    prefect_api.wait_for(run, "Cancelled")
    assert are_gone(tmp_path)


def test_a_run_that_goes_on_after_its_gate_gets_its_end_too(prefect_api: PrefectApi, tmp_path: Path) -> None:
    """Prefect does not count this start."""
    for end, wanted in (("killed", "Crashed"), ("cancelled", "Cancelled")):
        run, flow = sleeping(prefect_api, tmp_path, after_gate=True)
        if end == "killed":
            os.kill(flow, signal.SIGKILL)
        else:
            prefect_api.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
        prefect_api.wait_for(run, wanted, within=30.0)
        assert are_gone(tmp_path)
        (tmp_path / "note").unlink()


@dataclass(frozen=True)
class Own:
    """A worker of a pool of its own, whose flows are those of the folder."""

    pool: str
    project: Path
    supervisor: Supervisor


@pytest.fixture(scope="module")
def own(prefect_api: PrefectApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    """One for the tests below."""
    pool, folder = f"own{uuid4().hex[:6]}", tmp_path_factory.mktemp("own")
    project = folder / "project"
    (project / "flows").mkdir(parents=True)
    (project / "flows" / "__init__.py").touch()
    write_flow(project, "pass")
    with workers(prefect_api, pool, folder) as start:
        paths = f"{project}:{project_root()}:{project_root() / 'sandbox'}"
        yield Own(pool, project, start(LIFTGATE_HOME=str(project), PYTHONPATH=paths))


@pytest.mark.long
def test_new_code_is_run_without_a_new_worker(prefect_api: PrefectApi, own: Own, tmp_path: Path) -> None:
    note = tmp_path / "note"
    deployment = prefect_api.deploy("flows.promote.promote", pool=own.pool)
    for text in ("old", "newer"):
        write_flow(own.project, f"Path({str(note)!r}).write_text({text!r})")
        prefect_api.wait_for(prefect_api.run(deployment), "Completed")
        assert note.read_text() == text


@pytest.mark.long
def test_a_run_without_a_zygote_starts_all_the_same(prefect_api: PrefectApi, own: Own, tmp_path: Path) -> None:
    os.kill(zygote_of(own.supervisor.pid("worker")), signal.SIGKILL)
    write_flow(own.project, f"Path({str(tmp_path / 'note')!r}).write_text(str(os.getppid()))")
    run = prefect_api.run(prefect_api.deploy("flows.promote.promote", pool=own.pool))
    prefect_api.wait_for(run, "Completed")
    assert (tmp_path / "note").read_text() == str(own.supervisor.pid("worker"))


def sleeping(prefect_api: PrefectApi, folder: Path, *, pool: str = "", after_gate: bool = False) -> tuple[str, int]:
    """A run in the middle of a long sleep, and its process."""
    note = folder / "note"
    deployment = prefect_api.deploy(f"{FLOWS}.sleeping", pool=pool)
    run = resumed(prefect_api, deployment, note) if after_gate else prefect_api.run(deployment, note=str(note))
    assert eventually(lambda: note.exists() and note.read_text().endswith("\n"), within=60.0)
    return run, pids(folder)[0]


def resumed(prefect_api: PrefectApi, deployment: str, note: Path) -> str:
    """A run that was suspended at a gate, which has opened."""
    later = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2100-01-01T00:00:00Z"}}
    wanted = {"state": later, "parameters": {"note": str(note)}}
    run = str(prefect_api.call("POST", f"/deployments/{deployment}/create_flow_run", wanted)["id"])
    suspended = {"type": "PAUSED", "name": "Suspended", **SUSPENDED}
    for state in ({"type": "PENDING"}, {"type": "RUNNING"}, suspended):
        prefect_api.call("POST", f"/flow_runs/{run}/set_state", {"state": state, "force": True})
    prefect_api.call("POST", f"/flow_runs/{run}/resume", {})
    return run


def pids(folder: Path) -> list[int]:
    """The flow's process and its child."""
    return [int(number) for number in (folder / "note").read_text().split()]


def are_gone(folder: Path) -> bool:
    return eventually(lambda: not any(record.born(pid) for pid in pids(folder)), within=20.0)


def parent(pid: int) -> int:
    """0 if the process has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def children(pid: int) -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        if record.born(int(folder.name)) and parent(int(folder.name)) == pid:
            yield int(folder.name)


def zygote_of(worker: int) -> int:
    return next(pid for pid in children(worker) if zygote.NAME in Path(f"/proc/{pid}/comm").read_text())


def write_flow(project: Path, line: str) -> None:
    (project / "flows" / "promote.py").write_text(
        f"import os\nfrom pathlib import Path\nfrom prefect import flow\n\n@flow\ndef promote() -> None:\n    {line}\n"
    )
