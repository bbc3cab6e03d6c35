"""A hundred clicks by twenty people while the worker, the Liftgate servers and Prefect restart: one opening, and each
click is answered."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.serve import serve
from liftgate_sandbox.town import Town

from liftgate.domain.promotion.message import PROMOTION_ID
from liftgate.runtime.ports import free_port
from liftgate.runtime.prefect_server import PrefectServer
from liftgate.runtime.supervisor import Supervisor
from liftgate.server.app import application
from liftgate.wiring import Integrations
from tests.examples import text
from tests.flows.test_kills import swept_by
from tests.integrations.runs.engines import RealPrefect
from tests.lab import Lab, configured, seed, settings_of, variables
from tests.prefect_host import SETTINGS
from tests.prefect_server import PrefectApi
from tests.security.test_many_clicks import EACH, PEOPLE, cookies, decide
from tests.server.world import Late, World
from tests.worker_program import LabWorker

pytestmark = [pytest.mark.prefect, pytest.mark.long]
POOL = "clicks"
WITHIN = 240.0
"""Seconds in which each person gets an answer, however often they must click again."""


class Machine:
    """A Prefect server and a worker of the test's own, which it may end and start again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._server = PrefectServer(folder, free_port(), durable=False, settings=SETTINGS)
        self._prefect, self._worker = Supervisor(folder), Supervisor(folder / "worker")
        self._prefect.start(self._server)
        self._start_worker()

    @property
    def api(self) -> PrefectApi:
        return PrefectApi(self._server.api_url, POOL, self.folder, self._worker.folder)

    def restart_prefect(self) -> None:
        self._prefect.close()
        self._prefect = Supervisor(self.folder)
        self._prefect.start(self._server)

    def kill_worker(self) -> None:
        os.killpg(self._worker.pid("worker"), signal.SIGKILL)
        self._worker.close()
        self._start_worker()

    def close(self) -> None:
        self._worker.close()
        self._prefect.close()

    def _start_worker(self) -> None:
        self._worker = Supervisor(self.folder / "worker")
        self._worker.start(LabWorker(self._worker.folder, self._server.access, POOL))


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Postgres is another user, who must be able to pass the folder."""
    with tempfile.TemporaryDirectory(prefix="liftgate-test-") as folder:
        Path(folder).chmod(0o711)
        machine = Machine(Path(folder))
        yield machine
        machine.close()


@pytest.fixture
def world(machine: Machine, tmp_path: Path) -> Iterator[World]:
    late = Late()
    with Town(tmp_path / "town", timings=Timings.fast()) as town, serve(late) as served:
        lab = Lab(machine.api, town, tmp_path)
        known = {name: {"email": f"{name}@example.com"} for name in PEOPLE}
        policy = {"dev": {"approvals": {"needed": 2, "from": PEOPLE}}, "staging": {"start": "manual"}}
        seed(lab, configured(lab))
        lab.commit({"liftgate.json": text(configured(lab, people=known, policy=policy))})
        town.deploy("example-app")
        lab.variables = variables(lab) | {"LIFTGATE_SERVER__URL": served.url, "LIFTGATE_PREFECT__NAME": POOL}
        lab.deploy()
        at = Integrations(settings_of(lab))
        at.git.fetch()
        late.app = application(at)
        yield World(lab, at, at, served.url, late.app, RealPrefect(machine.api))


def test_a_hundred_clicks_open_the_gate_once_while_everything_restarts(world: World, machine: Machine) -> None:
    run = world.lab.start_as(PEOPLE[0], "promote", application="example-app", to="dev")
    world.lab.suspended(run)
    body, signed_in = world.ballot(run, world.lab.digest(run)), cookies(world)
    clicks = [(name, number) for number in range(EACH) for name in PEOPLE]

    def answered(each: tuple[str, int]) -> httpx.Response:
        until, urls = time.monotonic() + WITHIN, (*leaving[each[1] % 2 :], world.url)
        while True:
            for url in urls:
                try:
                    answer = decide(world, url, run, body, signed_in[each[0]])
                except httpx.HTTPError:
                    continue  # this server ends now
                if answer.status_code < 500:
                    return answer
            assert time.monotonic() < until, "no answer in time"
            time.sleep(0.5)

    with swept_by(world.lab), ThreadPoolExecutor(len(clicks)) as pool:
        with ExitStack() as servers:
            leaving = [servers.enter_context(serve(application(world.another()))).url for _ in range(2)]
            done = [pool.submit(answered, each) for each in clicks]
            machine.restart_prefect()
        machine.kill_worker()
        answers = [each.result() for each in done]
        state = world.lab.ended(run)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert all(answer.json()["sentence"] for answer in answers)
    assert state["name"] == "Promoted", state
    assert [commit.trailer(PROMOTION_ID) for commit in world.lab.commits()].count(run) == 1
    (entry,) = world.lab.entries("dev")
    assert len(entry.approved_by) == len(set(entry.approved_by)) >= 2
    assert set(entry.approved_by) <= set(PEOPLE)
