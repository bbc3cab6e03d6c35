"""Warm runs on a real Prefect server: they behave, and die, as cold ones do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from liftgate.runtime import record
from liftgate.runtime.project import project_root, python_path
from tests.background import in_background
from tests.deployments.worker.conftest import StartWorker
from tests.examples import WORKER, private_text
from tests.prefect_server import PrefectApi, eventually

FLOWS = "tests.runtime.flows_fixture.simple"

pytestmark = pytest.mark.prefect


@pytest.mark.parametrize(
    ("flow", "ends"), [("quick", "Completed"), ("quick_async", "Completed"), ("failing", "Failed")]
)
def test_a_run_ends_as_its_flow_does(prefect_api: PrefectApi, flow: str, ends: str) -> None:
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.{flow}"))
    prefect_api.wait_for(run, ends)


def test_a_run_sees_the_variables_of_its_job(prefect_api: PrefectApi, tmp_path: Path) -> None:
    note = tmp_path / "note"
    job = {"env": {"FROM_JOB": "yes", "PREFECT_LOGGING_LEVEL": "DEBUG"}}
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.telling", job_variables=job), note=str(note))
    prefect_api.wait_for(run, "Completed")
    assert note.read_text().split() == [str(project_root()), "yes", run]


def test_our_own_flow_is_imported_from_the_workers_installation_and_not_by_pull_steps(prefect_api: PrefectApi) -> None:
    """It gets as far as its own sentence: this worker has no repository."""
    flow = prefect_api.call("POST", "/flows/", {"name": "promote"})
    nowhere = {"prefect.deployments.steps.set_working_directory": {"directory": "/nowhere"}}
    body = {
        "name": "pulled", "flow_id": flow["id"], "entrypoint": "flows.promote.promote", "pull_steps": [nowhere],
        "work_pool_name": prefect_api.pool,
    }  # fmt: skip
    made = prefect_api.call("POST", "/deployments/", body)["id"]
    run = prefect_api.run(made, application="shop", to="dev")
    ended = prefect_api.wait_for(run, "Misconfigured", "Failed", "Crashed")
    assert "LIFTGATE_REPOSITORY__URL" in ended["state"]["message"]


def test_prefects_pages_know_the_worker_of_a_run(prefect_api: PrefectApi) -> None:
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.quick"))
    prefect_api.wait_for(run, "Completed")
    assert eventually(lambda: "prefect.worker.name" in prefect_api.read(run)["labels"])


def test_a_run_was_forked_and_not_started(prefect_api: PrefectApi, tmp_path: Path) -> None:
    _, flow = sleeping(prefect_api, tmp_path)
    assert b"deployments.worker.zygote" in Path(f"/proc/{flow}/cmdline").read_bytes()
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


def test_when_its_worker_is_killed_a_run_ends_crashed_and_leaves_no_process(
    prefect_api: PrefectApi, start_worker: StartWorker, own_pool: str, tmp_path: Path
) -> None:
    worker = start_worker().pid("worker")
    run, _ = sleeping(prefect_api, tmp_path, pool=own_pool)
    os.kill(worker, signal.SIGKILL)
    prefect_api.wait_for(run, "Crashed", within=30.0)
    assert are_gone(tmp_path)


def test_a_worker_that_is_stopped_ends_its_runs_as_crashed(
    prefect_api: PrefectApi, start_worker: StartWorker, own_pool: str, tmp_path: Path
) -> None:
    supervisor = start_worker()
    run, _ = sleeping(prefect_api, tmp_path, pool=own_pool)
    supervisor.close()
    assert are_gone(tmp_path)
    prefect_api.wait_for(run, "Crashed", within=30.0)


def test_a_worker_in_the_background_of_a_script_ends_at_sigint(
    prefect_api: PrefectApi, own_pool: str, tmp_path: Path
) -> None:
    variables = {
        "LIFTGATE_PREFECT__API_URL": prefect_api.url,
        "LIFTGATE_PREFECT__NAME": own_pool,
        "LIFTGATE_REPOSITORY__URL": "https://git.example.com/shop/config.git",
        "LIFTGATE_STATE": str(tmp_path),
        "LIFTGATE_WORKER__SIGNING_KEY": private_text(WORKER),
    }
    command = in_background([sys.executable, "-m", "liftgate.cli.main", "worker"])
    environment = prefect_api.environment | variables | {"PYTHONPATH": python_path()}
    log = tmp_path / "out"
    with log.open("w") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as worker:
        try:
            assert eventually(lambda: bool(prefect_api.runs_of(own_pool).workers()), within=90.0), log.read_text()
            worker.send_signal(signal.SIGINT)
            assert worker.wait(60) == 0, log.read_text()
        finally:
            worker.kill()  # else one that does not end is waited for without a limit


def test_a_run_without_a_zygote_starts_all_the_same(
    prefect_api: PrefectApi, start_worker: StartWorker, own_pool: str, tmp_path: Path
) -> None:
    worker = start_worker().pid("worker")
    os.kill(zygote_of(worker), signal.SIGKILL)
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.quick", pool=own_pool))
    prefect_api.wait_for(run, "Completed")


def test_new_code_is_run_without_a_new_worker(
    prefect_api: PrefectApi, start_worker: StartWorker, own_pool: str, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    (project / "flows").mkdir(parents=True)
    (project / "flows" / "__init__.py").touch()
    note = tmp_path / "note"
    write_flow(project, f"Path({str(note)!r}).write_text('old')")
    start_worker(LIFTGATE_HOME=str(project), PYTHONPATH=f"{project}:{project_root()}")
    deployment = prefect_api.deploy("flows.hello.hello", pool=own_pool, pull_steps=[])
    prefect_api.wait_for(prefect_api.run(deployment), "Completed")
    write_flow(project, f"Path({str(note)!r}).write_text('newer')")
    prefect_api.wait_for(prefect_api.run(deployment), "Completed")
    assert note.read_text() == "newer"


def sleeping(prefect_api: PrefectApi, folder: Path, *, pool: str = "") -> tuple[str, int]:
    """A run in the middle of a long sleep, and its process."""
    note = folder / "note"
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.sleeping", pool=pool), note=str(note))
    assert eventually(lambda: note.exists() and note.read_text().endswith("\n"), within=60.0)
    return run, pids(folder)[0]


def pids(folder: Path) -> list[int]:
    """The flow's process and its child."""
    return [int(number) for number in (folder / "note").read_text().split()]


def are_gone(folder: Path) -> bool:
    return eventually(lambda: not any(record.born(pid) for pid in pids(folder)), within=20.0)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def children(pid: int) -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        if record.born(int(folder.name)) and parent(int(folder.name)) == pid:
            yield int(folder.name)


def zygote_of(worker: int) -> int:
    return next(pid for pid in children(worker) if b"zygote" in Path(f"/proc/{pid}/cmdline").read_bytes())


def write_flow(project: Path, line: str) -> None:
    (project / "flows" / "hello.py").write_text(
        f"from pathlib import Path\nfrom prefect import flow\n\n@flow\ndef hello() -> None:\n    {line}\n"
    )
