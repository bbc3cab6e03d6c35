"""Prefect may lie about programs: a worker runs only the flows of its own installation, whatever the server says."""

from __future__ import annotations

import base64
import json
import os
import pickle
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sandbox_tests.plain import eventually

from liftgate.domain.runs.programs import PULL
from liftgate.runtime.project import project_root
from liftgate.runtime.registration import programs_verdict, register, written
from liftgate.runtime.supervisor import Supervisor
from tests.deployments.test_deploying import pipeline
from tests.prefect_server import PrefectApi
from tests.worker.conftest import workers
from tests.worker.test_pool import children, pids, zygote_of

FLOWS = "tests.runtime.flows_fixture.simple"
POOL = f"programs{uuid4().hex[:6]}"
ADVICE = "Run liftgate deploy, then start a new run"

pytestmark = pytest.mark.prefect


@pytest.fixture(scope="module")
def worker(prefect_api: PrefectApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    """A worker that has the keys; its pool is the module's own, because tests change it."""
    with workers(prefect_api, POOL, tmp_path_factory.mktemp("worker")) as start:
        yield start()


@pytest.fixture
def stolen(tmp_path: Path) -> Path:
    """Exists as soon as a foreign program has run."""
    return tmp_path / "stolen"


def shell(stolen: Path) -> str:
    return f"sh -c 'env > {stolen}'"


def pull_step(stolen: Path) -> dict[str, Any]:
    return {"prefect.deployments.steps.run_shell_script": {"script": shell(stolen)}}


def refused(prefect_api: PrefectApi, run: str) -> str:
    """What the refused run says to people."""
    state = prefect_api.wait_for(run, "Refused", "Completed", "Failed", "Crashed")["state"]
    assert (state["type"], state["name"]) == ("FAILED", "Refused"), state
    return str(state["message"])


def test_a_command_in_the_job_variables_of_a_run_is_refused(
    prefect_api: PrefectApi, worker: Supervisor, stolen: Path
) -> None:
    deployment = prefect_api.deploy(f"{FLOWS}.quick", pool=POOL)
    body = {"job_variables": {"command": shell(stolen), "env": {"PYTHONPATH": "/elsewhere"}}}
    run = prefect_api.call("POST", f"/deployments/{deployment}/create_flow_run", body)["id"]
    said = refused(prefect_api, run)
    assert said == f"this worker runs only its own flows; refused: job variables of the run (command, env). {ADVICE}"
    assert not stolen.exists()


def test_a_deployment_that_asks_for_another_program_is_refused(
    prefect_api: PrefectApi, worker: Supervisor, stolen: Path
) -> None:
    """With a command, a script that fetches code, and another entrypoint; `liftgate deploy` takes them away."""
    deployment = prefect_api.deploy(f"{FLOWS}.quick", pool=POOL)
    changes = {
        "job_variables": {"command": shell(stolen)},
        "pull_steps": [PULL, pull_step(stolen)],
        "entrypoint": "tests.security.elsewhere.quick",
    }
    prefect_api.call("PATCH", f"/deployments/{deployment}", changes)
    said = refused(prefect_api, prefect_api.run(deployment))
    assert said == (
        "this worker runs only its own flows; refused: job variables of its deployment (command), "
        "pull steps of its deployment (prefect.deployments.steps.run_shell_script), "
        f"the entrypoint tests.security.elsewhere.quick instead of {FLOWS}.quick. {ADVICE}"
    )
    assert not stolen.exists()
    restored = {"job_variables": {}, "pull_steps": [PULL], "entrypoint": f"{FLOWS}.quick"}
    prefect_api.call("PATCH", f"/deployments/{deployment}", restored)
    prefect_api.wait_for(prefect_api.run(deployment), "Completed")


def test_a_changed_template_of_the_work_pool_is_refused(
    prefect_api: PrefectApi, worker: Supervisor, stolen: Path
) -> None:
    """Also one without variables, which Prefect's own worker obeys as well."""
    before = prefect_api.call("GET", f"/work_pools/{POOL}")["base_job_template"]
    template = {"job_configuration": {"command": shell(stolen)}, "variables": {"properties": {}}}
    prefect_api.call("PATCH", f"/work_pools/{POOL}", {"base_job_template": template})
    try:
        said = refused(prefect_api, prefect_api.run(prefect_api.deploy(f"{FLOWS}.quick", pool=POOL)))
    finally:
        prefect_api.call("PATCH", f"/work_pools/{POOL}", {"base_job_template": before})
    assert "refused: settings of the work pool's template (command)" in said
    assert not stolen.exists()


def test_a_flow_or_a_deployment_of_others_is_refused(prefect_api: PrefectApi, worker: Supervisor) -> None:
    unknown = prefect_api.deploy("tests.security.elsewhere.stranger", pool=POOL)
    assert "has no flow stranger" in refused(prefect_api, prefect_api.run(unknown))
    other = prefect_api.deploy(f"{FLOWS}.quick", pool=POOL, name="mine")
    assert f"is not the one of this installation: {POOL}-quick" in refused(prefect_api, prefect_api.run(other))


def test_a_deployment_that_is_changed_after_the_worker_read_it_changes_nothing(
    prefect_api: PrefectApi, worker: Supervisor, stolen: Path, tmp_path: Path
) -> None:
    """Neither when the run starts nor when it crashes, when Prefect's own worker would load the flow for its hooks."""
    deployment = prefect_api.deploy(f"{FLOWS}.sleeping", pool=POOL)
    zygote = zygote_of(worker.pid("worker"))
    os.kill(zygote, signal.SIGSTOP)
    try:
        run = prefect_api.run(deployment, note=str(tmp_path / "note"))
        assert eventually(lambda: "starts the flow sleeping" in logs(prefect_api, run), within=30)
        changes = {"pull_steps": [pull_step(stolen)], "job_variables": {"command": shell(stolen)}, "entrypoint": "x.y"}
        prefect_api.call("PATCH", f"/deployments/{deployment}", changes)
    finally:
        os.kill(zygote, signal.SIGCONT)
    assert eventually((tmp_path / "note").exists, within=60)
    os.kill(pids(tmp_path)[0], signal.SIGKILL)
    prefect_api.wait_for(run, "Crashed")
    assert not stolen.exists()


def test_the_doctor_names_what_the_worker_refuses_and_deploy_takes_it_away(
    prefect_api: PrefectApi, stolen: Path, tmp_path: Path
) -> None:
    pool = f"doctor{uuid4().hex[:6]}"
    registry, wanted, tree = prefect_api.runs_of(pool), written(project_root()), pipeline(tmp_path)
    assert programs_verdict(registry, wanted).failed
    assert register(registry, tree, wanted).warnings == ()
    assert programs_verdict(registry, wanted).passed
    deployment = registry.deployment("promote")["id"]
    changes = {"pull_steps": [pull_step(stolen)], "job_variables": {"command": shell(stolen)}}
    prefect_api.call("PATCH", f"/deployments/{deployment}", changes)
    template = {"job_configuration": {"command": shell(stolen)}, "variables": {"properties": {}}}
    prefect_api.call("PATCH", f"/work_pools/{pool}", {"base_job_template": template})
    found = programs_verdict(registry, wanted)
    assert found.failed
    for said in ("work pool's template (command)", "promote: job variables", "promote: pull steps"):
        assert said in found.reason
    warnings = register(registry, tree, wanted).warnings
    assert warnings == (
        f"reset in the work pool {pool}: settings of the work pool's template (command); find out who changed it",
    )
    assert programs_verdict(registry, wanted).passed


def test_a_pool_for_prefects_own_worker_is_kept_and_named(prefect_api: PrefectApi, tmp_path: Path) -> None:
    pool = f"trying{uuid4().hex[:6]}"
    registry, wanted = prefect_api.runs_of(pool), written(project_root())
    prefect_api.call("POST", "/work_pools/", {"name": pool, "type": "process"})
    (warning,) = register(registry, pipeline(tmp_path), wanted).warnings
    found = programs_verdict(registry, wanted)
    assert found.state == "not configured"
    assert warning == found.reason
    assert "only for trying out" in warning


class Program:
    """Runs when it is unpickled."""

    def __init__(self, stolen: Path) -> None:
        self._stolen = stolen

    def __reduce__(self) -> Any:
        return os.system, (shell(self._stolen),)


def test_a_stored_result_that_prefect_names_is_not_loaded(
    prefect_api: PrefectApi, worker: Supervisor, stolen: Path, tmp_path: Path
) -> None:
    """A final state with a result makes Prefect's engine read and unpickle it."""
    metadata = {"storage_key": str(tmp_path / "result"), "serializer": {"type": "pickle"}, "expiration": None}
    metadata |= {"prefect_version": "3.8.8", "storage_block_id": None}
    (tmp_path / "result").write_text(json.dumps({"metadata": metadata, "result": packed(stolen)}))
    deployment = prefect_api.deploy(f"{FLOWS}.quick", pool=POOL)
    zygote = zygote_of(worker.pid("worker"))
    os.kill(zygote, signal.SIGSTOP)
    try:
        run = prefect_api.run(deployment)
        assert eventually(lambda: "starts the flow quick" in logs(prefect_api, run), within=30)
        state = {"type": "COMPLETED", "name": "Completed", "data": metadata}
        prefect_api.call("POST", f"/flow_runs/{run}/set_state", {"state": state, "force": True})
    finally:
        os.kill(zygote, signal.SIGCONT)
    prefect_api.wait_for(prefect_api.run(deployment), "Completed")
    assert eventually(lambda: not children_of(zygote), within=30)
    assert not stolen.exists()


def packed(stolen: Path) -> str:
    return base64.encodebytes(pickle.dumps(Program(stolen))).decode()


def children_of(zygote: int) -> list[int]:
    return list(children(zygote))


def logs(prefect_api: PrefectApi, run: str) -> str:
    wanted = {"logs": {"flow_run_id": {"any_": [run]}}, "limit": 200}
    return "\n".join(line["message"] for line in prefect_api.call("POST", "/logs/filter", wanted))
