"""The lab for flow tests: fresh servers and repository for each test, on a Prefect server that is shared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.town import Town

from tests.lab import Lab, configured, seed, variables
from tests.prefect_server import PrefectApi


@pytest.fixture
def lab(tmp_path: Path, prefect_api: PrefectApi) -> Iterator[Lab]:
    """1.4.1 runs everywhere, 1.4.2 waits in the base; deployments are registered for this lab."""
    with opened(tmp_path, prefect_api) as lab:
        yield lab


@contextmanager
def opened(folder: Path, prefect_api: PrefectApi) -> Iterator[Lab]:
    """One lab at a time of each process: its deployments have the names of that installation."""
    with Town(folder / "town", timings=Timings.fast()) as town:
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
