"""Prefect's clock says which runs are due, also where the worker's own clock is wrong."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import PrefectClient

from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs.registration import Registry
from tests.prefect_server import PrefectApi
from worker.due_runs import DueRuns

pytestmark = pytest.mark.prefect
FLOWS = "tests.runtime.flows_fixture.simple"


class Wrong(SystemClock):
    """Ahead, or behind."""

    def __init__(self, off: timedelta) -> None:
        self._off = off

    def now(self) -> datetime:
        return super().now() + self._off


@pytest.mark.parametrize("off", [timedelta(), timedelta(minutes=2), timedelta(minutes=-2)], ids=str)
def test_a_worker_whose_clock_is_wrong_takes_what_is_due_now_and_nothing_else(
    prefect_api: PrefectApi, off: timedelta
) -> None:
    pool = f"due{uuid4().hex[:6]}"
    Registry(prefect_api.url, prefect_api.secret, pool).ensure_pool()
    deployment = prefect_api.deploy(f"{FLOWS}.quick", pool=pool)
    later = (SystemClock().now() + timedelta(minutes=1)).isoformat()
    state = {"type": "SCHEDULED", "state_details": {"scheduled_time": later}}
    prefect_api.call("POST", f"/deployments/{deployment}/create_flow_run", {"state": state})
    run = prefect_api.run(deployment)
    assert asyncio.run(due(prefect_api, pool, off)) == [UUID(run)]


async def due(prefect: PrefectApi, pool: str, off: timedelta) -> list[UUID]:
    runs = DueRuns(pool, timedelta(seconds=3), Wrong(off))
    async with PrefectClient(prefect.url, auth_string=prefect.secret or None) as client:
        found = await runs.read(client, only_rollbacks=False)
    return [run.id for run in found.runs]
