"""A worker keeps nothing of a run that has ended: no context of TLS, no client, no task, no run."""

from __future__ import annotations

import asyncio
import gc
import os
import ssl
from collections import Counter
from pathlib import Path

import httpx
import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from tests.prefect_server import PrefectApi
from worker.dead_runs import Notes
from worker.launcher import Launcher, Process
from worker.pool import LiftgateWorker
from worker.process_environment import variables

FLOW = {"quick": "tests.runtime.flows_fixture.simple.quick"}
COUNTED = (ssl.SSLContext, httpx.Client, httpx.AsyncClient, asyncio.Task, FlowRun)
FIRST, MORE = 3, 8
WITHIN = 60.0

pytestmark = pytest.mark.prefect


class Ended:
    """The process of a run that was killed at once, so the worker reports its end."""

    pid = os.getpid()

    async def wait(self) -> int:
        return 1

    def kill(self) -> None:
        raise AssertionError("it has ended")


class EndsAtOnce(Launcher):
    async def launch(self, flow: str, run: str, state: str) -> Process:  # noqa: ARG002  it starts nothing
        return Ended()


async def handled(prefect_api: PrefectApi, worker: LiftgateWorker, deployment: str, number: int) -> Counter[type]:
    """What is there after so many runs, by type; and all objects, as `object`."""
    left = [await asyncio.to_thread(prefect_api.run, deployment) for _ in range(number)]
    async with asyncio.timeout(WITHIN):
        while left or worker.has_runs:
            await worker.look()
            await asyncio.sleep(0.05)
            if left and (await asyncio.to_thread(prefect_api.read, left[-1]))["state"]["type"] == "CRASHED":
                left.pop()
    gc.collect()
    objects = gc.get_objects()
    return Counter({kind: sum(isinstance(each, kind) for each in objects) for kind in COUNTED} | {object: len(objects)})


async def counts(prefect_api: PrefectApi, pool: str, folder: Path) -> list[Counter[type]]:
    deployment = prefect_api.deploy(FLOW["quick"], pool=pool)
    async with asyncio.TaskGroup() as tasks:
        launcher, runs, named = EndsAtOnce(None, variables), prefect_api.runs_of(pool), {"work_pool_name": pool}
        worker = LiftgateWorker(launcher, FLOW, runs, Notes(folder), tasks, 4, name="w", prefetch_seconds=2.0, **named)
        async with worker:
            return [await handled(prefect_api, worker, deployment, number) for number in (FIRST, MORE)]


def test_nothing_is_left_of_runs_that_ended(prefect_api: PrefectApi, own_pool: str, tmp_path: Path) -> None:
    prefect_api.runs_of(own_pool).ensure_pool()
    settings = {PREFECT_API_URL: prefect_api.url, PREFECT_API_AUTH_STRING: prefect_api.secret}
    with temporary_settings(settings):
        before, after = asyncio.run(counts(prefect_api, own_pool, tmp_path))
    assert {kind: after[kind] for kind in COUNTED} == {kind: before[kind] for kind in COUNTED}
    assert after[object] - before[object] < MORE * 50
