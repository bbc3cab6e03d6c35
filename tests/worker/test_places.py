"""A worker with few places on a real Prefect server: what is over its limit waits, and a rollback does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sandbox_tests.plain import eventually

from liftgate.domain.runs.capacity import DEFAULT_QUEUE, QUEUE
from liftgate.runtime.supervisor import Supervisor
from tests.prefect_server import PrefectApi
from tests.worker.conftest import StartWorker
from tests.worker.test_pool import are_gone, sleeping

FLOWS = "tests.runtime.flows_fixture.simple"
HERD, PLACES = 40, 6

pytestmark = pytest.mark.prefect


def test_deploy_gives_the_pool_a_limit_and_rollbacks_a_queue_before_all_others(
    prefect_api: PrefectApi, own_pool: str
) -> None:
    registry = prefect_api.runs_of(own_pool)
    registry.ensure_pool()
    for limit in (40, 5):  # also when it is there
        registry.set_limit(limit)
    assert prefect_api.call("GET", f"/work_pools/{own_pool}")["concurrency_limit"] == 5
    queues = {each["name"]: each for each in prefect_api.call("POST", f"/work_pools/{own_pool}/queues/filter", {})}
    assert queues[QUEUE]["priority"] < queues[DEFAULT_QUEUE]["priority"]
    assert (queues[QUEUE]["concurrency_limit"], queues[DEFAULT_QUEUE]["concurrency_limit"]) == (None, 4)


def test_a_rollback_and_a_crashed_run_do_not_wait_behind_new_ones_and_a_stopped_worker_ends_its_runs_as_crashed(
    prefect_api: PrefectApi, own_pool: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    registry, note = prefect_api.runs_of(own_pool), tmp_path / "note"
    registry.ensure_pool()
    registry.set_limit(9)
    slow, quick = (prefect_api.deploy(f"{FLOWS}.{flow}", pool=own_pool) for flow in ("sleeping", "quick"))
    rollback = prefect_api.deploy("flows.rollback.rollback", pool=own_pool, work_queue_name=QUEUE)
    holder = prefect_api.run(slow, note=str(note))
    worker = start_worker(LIFTGATE_WORKER__LIMIT="2")
    assert eventually(note.exists, within=60.0)
    new = due(prefect_api, quick, minutes_ago=5)
    crashed = prefect_api.run(quick)
    for state in ({"type": "CRASHED"}, {"type": "SCHEDULED", "name": "AwaitingRetry"}):
        prefect_api.call("POST", f"/flow_runs/{crashed}/set_state", {"state": state, "force": True})

    taken = prefect_api.run(rollback)  # it has no settings here, so it ends at once
    assert eventually(lambda: is_over(prefect_api.read(taken)), within=60.0)
    assert {prefect_api.read(run)["state"]["type"] for run in (new, crashed)} == {"SCHEDULED"}

    prefect_api.call("POST", f"/flow_runs/{holder}/set_state", {"state": {"type": "CANCELLING"}})
    prefect_api.wait_for(new, "Completed")
    assert prefect_api.read(crashed)["start_time"] < prefect_api.read(new)["start_time"]
    note.unlink()
    when_it_is_stopped_its_runs_end_as_crashed(prefect_api, worker, own_pool, tmp_path)


def when_it_is_stopped_its_runs_end_as_crashed(
    prefect_api: PrefectApi, worker: Supervisor, pool: str, folder: Path
) -> None:
    run, _ = sleeping(prefect_api, folder, pool=pool)
    worker.close()
    assert are_gone(folder)
    prefect_api.wait_for(run, "Crashed", within=30.0)


@pytest.mark.long
def test_a_herd_that_is_due_at_once_ends_without_a_failed_run_and_in_order(
    prefect_api: PrefectApi, own_pool: str, start_worker: StartWorker
) -> None:
    """Its quick sibling is in test_slots.py."""
    prefect_api.runs_of(own_pool).ensure_pool()
    quick = prefect_api.deploy(f"{FLOWS}.quick", pool=own_pool)
    herd = [due(prefect_api, quick, minutes_ago=HERD - number) for number in range(HERD)]
    start_worker(LIFTGATE_WORKER__LIMIT=str(PLACES))
    found = [prefect_api.wait_for(run, "Completed", within=300.0) for run in herd]
    assert {run["run_count"] for run in found} == {1}
    order = sorted(range(HERD), key=lambda number: str(found[number]["start_time"]))
    assert all(abs(place - number) < 2 * PLACES for place, number in enumerate(order))
    assert most_at_once(found) <= PLACES


def due(prefect_api: PrefectApi, deployment: str, *, minutes_ago: float) -> str:
    """A run that was due then."""
    when = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": when.isoformat()}}
    return str(prefect_api.call("POST", f"/deployments/{deployment}/create_flow_run", {"state": state})["id"])


def is_over(run: Any) -> bool:
    return run["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED")


def most_at_once(runs: list[Any]) -> int:
    changes = sorted([(run["start_time"], 1) for run in runs] + [(run["end_time"], -1) for run in runs])
    return max(sum(step for _, step in changes[: number + 1]) for number in range(len(changes)))
