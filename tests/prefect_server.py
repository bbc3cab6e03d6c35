"""Fixture `prefect_api`: a real Prefect server, shared by the pytest processes of a run, and a warm worker for each.

Each process is an installation of its own there, so that none sees another's runs. Server and workers end by
themselves when the test run ends, also when it was killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
from sandbox_tests.plain import eventually, http

from liftgate.domain.common.installation import prefixed
from liftgate.integrations.runs import Runs
from liftgate.integrations.runs.prefect import credentials
from liftgate.integrations.runs.registration import Registry
from liftgate.runtime import prefect_secret, record
from liftgate.runtime.prefect_server import Access, client_environment
from liftgate.runtime.project import project_root
from tests import prefect_host

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
    """Where the server's log and secret are."""
    worker: Path
    """Where the worker's log is."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a process that speaks to this server."""
        return client_environment(self.folder, self.access)

    @property
    def secret(self) -> str:
        return prefect_secret.read_secret(self.folder)

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
        answer = httpx.Response(503)

        def is_answered() -> bool:
            nonlocal answer
            answer = http.request(method, self.url + path, json=body, auth=self._credentials, timeout=30.0)
            return answer.status_code != 503

        eventually(is_answered, within=WAIT, every=0.2)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def deploy(self, entrypoint: str, *, pool: str = "", **more: Any) -> str:
        """Register a flow by its module entrypoint, such as `flows.promote.promote`; the deployment's id.

        `more` goes into the deployment: parameters, schedules, …
        """
        name, pool = entrypoint.rpartition(".")[2].replace("_", "-"), pool or self.pool
        flow = self.call("POST", "/flows/", {"name": name})
        body = {"name": prefixed(pool, name), "flow_id": flow["id"], "entrypoint": entrypoint, "pull_steps": []}
        return str(self.call("POST", "/deployments/", {**body, "work_pool_name": pool, **more})["id"])

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

        if not eventually(is_there, within=within, every=0.4):
            log = (self.worker / "worker.log").read_text(errors="replace")[-3000:]
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


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory, process_name: str) -> PrefectApi:
    """A server of this test run, and on it an installation and a worker of this pytest process's own."""
    shared, alone = tmp_path_factory.getbasetemp(), not process_name
    test_run = os.getpid() if alone else os.getppid()
    shared = shared if alone else shared.parent
    server = _server(shared, test_run)
    found = record.read_record(server, prefect_host.SERVER)
    assert found is not None
    pool, url = f"test{process_name}", found.details["api_url"]
    folder = _start(prefect_host.WORKER, test_run, pool, url, str(server))
    return PrefectApi(url=url, pool=pool, folder=server, worker=folder)


def _server(shared: Path, test_run: int) -> Path:
    """The folder of the test run's server; the first process that asks for it starts it."""
    with (shared / "prefect.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        place = shared / "prefect.folder"
        if not place.exists() or not _is_up(Path(place.read_text()), prefect_host.SERVER):
            place.write_text(str(_start(prefect_host.SERVER, test_run)))
        return Path(place.read_text())


def _start(what: str, test_run: int, *arguments: str) -> Path:
    """A new host's folder, when it is ready; Postgres is another user, who must be able to pass it."""
    folder = Path(tempfile.mkdtemp(prefix="liftgate-test-"))
    folder.chmod(0o711)
    command = [sys.executable, "-m", "tests.prefect_host", what, str(folder), str(test_run), *arguments]
    with (folder / "host.log").open("w") as log:
        host = subprocess.Popen(command, cwd=project_root(), stdout=log, stderr=log, start_new_session=True)
    if not eventually(lambda: _is_up(folder, what) or host.poll() is not None, within=START_WITHIN):
        pytest.fail(f"no Prefect {what} in time: {(folder / 'host.log').read_text()}")
    if not _is_up(folder, what):
        pytest.fail(f"no Prefect {what}: {(folder / 'host.log').read_text()}")
    return folder


def _is_up(folder: Path, what: str) -> bool:
    return record.read_record(folder, what) is not None
