"""The lab for flow tests: fresh servers and repository for each test, and two Prefect servers for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from liftgate.sandbox.argocd import Timings
from liftgate.sandbox.town import Town
from tests.lab import Lab, configured, seed, variables
from tests.prefect_server import PrefectApi
from tests.scheduling import is_second


@pytest.fixture
def lab(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """1.4.1 runs everywhere, 1.4.2 waits in the base; deployments are registered for this lab."""
    server = request.getfixturevalue("second_api" if is_second(request.node.nodeid) else "prefect_api")
    with opened(tmp_path, server) as lab:
        yield lab


@contextmanager
def opened(folder: Path, prefect_api: PrefectApi) -> Iterator[Lab]:
    """One lab at a time of each server, over all processes of the test run: they share the deployments' names."""
    with (prefect_api.folder / "lab.lock").open("a") as lock, Town(folder / "town", timings=Timings.fast()) as town:
        flock(lock, LOCK_EX)
        lab = Lab(prefect_api, town, folder)
        seed(lab, configured(lab))
        town.deploy("example-app")
        lab.variables = variables(lab)
        lab.deploy()
        try:
            yield lab
        finally:
            end_what_is_left(lab)


def end_what_is_left(lab: Lab) -> None:
    """Otherwise the sweep of a later lab goes on with it, in that one's repository: they share the work pool."""
    live = {"state": {"type": {"any_": ["SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CRASHED"]}}}
    ours = {"deployments": {"id": {"any_": list(lab.deployments.values())}}, "flow_runs": live, "limit": 200}
    for run in lab.prefect.call("POST", "/flow_runs/filter", ours):
        kind = "CANCELLING" if run["state_type"] == "RUNNING" else "CANCELLED"  # the worker ends its process
        state = {"type": kind, "name": kind.title(), "message": "the lab is over"}
        lab.prefect.call("POST", f"/flow_runs/{run['id']}/set_state", {"state": state, "force": True})
