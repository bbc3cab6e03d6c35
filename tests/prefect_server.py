"""Fixture `prefect_api`: a real Prefect server with a warm worker, one for the whole test run, and `second_api`.

Every pytest process of a run (xdist starts several) finds the same server: the first that needs it starts it,
and it ends by itself when the run does, also when that was killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest

from liftgate.integrations.runs import Runs
from liftgate.integrations.runs.prefect import credentials
from liftgate.integrations.runs.registration import Registry
from liftgate.runtime import prefect_secret, record
from liftgate.runtime.prefect_server import Access, client_environment
from liftgate.runtime.project import project_root
from tests import prefect_host
from tests.plain import http

START_WITHIN = 180.0
WAIT = 60.0


@dataclass(frozen=True)
class PrefectApi:
    """What a test does to the server, by REST; a busy answer (503) is asked again, as every caller must."""

    url: str
    """Ends with /api."""
    pool: str
    """The worker's, and so the name of the installation whose flows it runs."""
    folder: Path
    """Where the server's and the worker's logs are."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a process that speaks to this server."""
        return client_environment(self.folder, self.access)

    @property
    def secret(self) -> str:
        return prefect_secret.read(self.folder)

    @property
    def access(self) -> Access:
        return Access(self.url, self.secret)

    @property
    def runs(self) -> Runs:
        """The product's own adapter."""
        return self.runs_of(self.pool)

    def runs_of(self, installation: str) -> Registry:
        return Registry(self.url, self.secret, installation)

    @cached_property
    def _credentials(self) -> httpx.BasicAuth | None:
        return credentials(self.secret)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded answer; raises httpx.HTTPStatusError for anything but success."""
        deadline = time.monotonic() + WAIT
        while True:
            answer = http.request(method, self.url + path, json=body, auth=self._credentials, timeout=30.0)
            if answer.status_code != 503 or time.monotonic() > deadline:
                answer.raise_for_status()
                return answer.json() if answer.content else None
            time.sleep(0.2)

    def deploy(self, entrypoint: str, *, pool: str = "", **more: Any) -> str:
        """Register a flow by its module entrypoint, such as `flows.promote.promote`; the deployment's id.

        `more` goes into the deployment: parameters, job_variables, schedules, …
        """
        flow = self.call("POST", "/flows/", {"name": entrypoint.rpartition(".")[2].replace("_", "-")})
        step = {"prefect.deployments.steps.set_working_directory": {"directory": str(project_root())}}
        body = {"name": "test", "flow_id": flow["id"], "entrypoint": entrypoint, "pull_steps": [step]}
        made = self.call("POST", "/deployments/", {**body, "work_pool_name": pool or self.pool, **more})
        return str(made["id"])

    def run(self, deployment: str, **parameters: Any) -> str:
        """Start a run; its id."""
        body = {"parameters": parameters}
        return str(self.call("POST", f"/deployments/{deployment}/create_flow_run", body)["id"])

    def read(self, run: str) -> Any:
        return self.call("GET", f"/flow_runs/{run}")

    def wait_for(self, run: str, *states: str, within: float = WAIT) -> Any:
        """The run as soon as its state has one of these names. Fails with the worker's log otherwise."""
        found: Any = {}

        def is_there() -> bool:
            nonlocal found
            found = self.read(run)
            return (found["state"] or {}).get("name") in states

        if not eventually(is_there, within=within, every=0.25):
            log = (self.folder / "worker.log").read_text(errors="replace")[-3000:]
            pytest.fail(f"the run is {found['state']}, not {' or '.join(states)}; its worker said:\n{log}")
        return found

    def resume(self, run: str, **answer: Any) -> Any:
        """Press Resume with these values, again until the form is there; the server's answer."""
        status: Any = {}

        def is_decided() -> bool:
            nonlocal status
            status = self.call("POST", f"/flow_runs/{run}/resume", {"run_input": answer} if answer else {})
            return "schema not found" not in str(status.get("details"))

        assert eventually(is_decided), status
        return status


def eventually(is_so: Callable[[], bool], *, within: float = 30.0, every: float = 0.1) -> bool:
    """Whether it became so in time."""
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> PrefectApi:
    """The server of this test run; see the module."""
    return _found("prefect", tmp_path_factory, worker_id)


@pytest.fixture(scope="session")
def second_api(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> PrefectApi:
    """The other lab's."""
    return _found("second", tmp_path_factory, worker_id)


def _found(name: str, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> PrefectApi:
    shared = tmp_path_factory.getbasetemp()
    alone = worker_id == "master"
    test_run = os.getpid() if alone else os.getppid()
    shared = shared if alone else shared.parent
    with (shared / f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        place = shared / f"{name}.folder"
        if not place.exists() or record.read(Path(place.read_text()), prefect_host.NAME) is None:
            place.write_text(str(_start(test_run)))
        folder = Path(place.read_text())
        found = record.read(folder, prefect_host.NAME)
    assert found is not None
    return PrefectApi(url=found.details["api_url"], pool=found.details["pool"], folder=folder)


def _start(test_run: int) -> Path:
    """A new host's folder, when it is ready; Postgres is another user, who must be able to pass it."""
    folder = Path(tempfile.mkdtemp(prefix="liftgate-test-"))
    folder.chmod(0o711)
    command = [sys.executable, "-m", "tests.prefect_host", str(folder), str(test_run)]
    with (folder / "host.log").open("w") as log:
        host = subprocess.Popen(command, cwd=project_root(), stdout=log, stderr=log, start_new_session=True)
    if not eventually(lambda: _is_up(folder) or host.poll() is not None, within=START_WITHIN) or not _is_up(folder):
        pytest.fail(f"no Prefect server: {(folder / 'host.log').read_text()}")
    return folder


def _is_up(folder: Path) -> bool:
    return record.read(folder, prefect_host.NAME) is not None
