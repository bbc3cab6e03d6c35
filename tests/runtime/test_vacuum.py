"""Prefect's vacuum is switched on: it removes runs that ended long ago, and none that waits or is in progress."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from liftgate.runtime.prefect_server import Limits, PrefectServer
from liftgate.runtime.project import project_root
from tests.prefect_server import PrefectApi

OVER = {"Completed": "COMPLETED", "Failed": "FAILED", "Cancelled": "CANCELLED", "Crashed": "CRASHED"}
STAYS = {
    "Suspended": "PAUSED",
    "Held": "PAUSED",
    "Scheduled": "SCHEDULED",
    "Resuming": "SCHEDULED",
    "AwaitingRetry": "SCHEDULED",
    "Pending": "PENDING",
    "Running": "RUNNING",
}


def test_the_retention_and_the_connections_are_settings_of_the_server_that_up_starts(tmp_path: Path) -> None:
    server = PrefectServer(tmp_path, 1, "sqlite", limits=Limits(runs=100, days=7.5))
    variables = server.environment()
    assert variables["PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD"] == "648000"
    sizes = [variables[f"PREFECT_SERVER_DATABASE_SQLALCHEMY_{name}"] for name in ("POOL_SIZE", "MAX_OVERFLOW")]
    assert sum(map(int, sizes)) > 100


@pytest.mark.prefect
def test_old_runs_that_ended_are_removed_and_all_others_stay_with_their_notes(prefect_api: PrefectApi) -> None:
    registry = prefect_api.runs_of(f"vacuum{uuid4().hex[:6]}")
    registry.ensure_pool()
    deployment = prefect_api.deploy("tests.runtime.flows_fixture.simple.quick", pool=registry.name)
    ids = {}
    for name, kind in (OVER | STAYS).items():
        ids[name] = prefect_api.run(deployment)
        registry.add_input(ids[name], "note", name)
        if name in ("Resuming", "AwaitingRetry"):
            registry.set_state(ids[name], "CRASHED", "Crashed", "it has an end, and goes on")
        registry.set_state(ids[name], kind, name, "")
    young = prefect_api.run(deployment)
    registry.set_state(young, "COMPLETED", "Completed", "")

    assert vacuumed(prefect_api, *ids.values()) == {"removes": ["events", "flow_runs", "orphans"], "days": 30}

    assert [name for name in OVER if registry.read(ids[name])] == []
    left = {name: registry.read(ids[name]) for name in STAYS}
    assert {name: run and run.state for name, run in left.items()} == STAYS
    assert all(registry.inputs(ids[name]) == {"note": name} for name in STAYS)
    assert registry.read(young), "its end is not long ago"


def vacuumed(prefect_api: PrefectApi, *runs: str) -> object:
    """What the vacuum of this server removes and after how many days, when it has done so."""
    server = PrefectServer(prefect_api.folder, 1)
    environment = server.environment() | {"PYTHONPATH": f"{project_root()}:{project_root() / 'sandbox'}"}
    command = [sys.executable, "-m", "tests.runtime.vacuum_program", *runs]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
