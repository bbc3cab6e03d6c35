"""An outage of Prefect ends no worker, and its heartbeats begin again by themselves."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from liftgate.errors import Unavailable
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.runtime.worker_name import new_worker_name
from worker.alive import Alive
from worker.dead_runs import Notes
from worker.launcher import Launcher
from worker.pool import LiftgateWorker
from worker.process_environment import variables


async def is_away() -> list[Any]:
    raise httpx.ConnectError("connection refused")


async def looks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    async with asyncio.TaskGroup() as tasks:
        runs = InMemoryRuns(SystemClock()).runs()
        named = {"work_pool_name": "shop", "name": "w", "prefetch_seconds": 2.0}
        worker = LiftgateWorker(Launcher(None, variables), {}, runs, Notes(folder), tasks, 8, **named)
        monkeypatch.setattr(worker, "look", is_away)
        return [await worker.get_and_submit_flow_runs() for _ in range(100)]


def test_a_worker_looks_again_however_long_prefect_is_away(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asyncio.run(looks(tmp_path, monkeypatch)) == [[]] * 100
    assert capfd.readouterr().out.count("Prefect does not answer") == 1


def test_heartbeats_go_on_after_errors(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    runs = InMemoryRuns(SystemClock()).runs("shop")
    alive, usual = Alive(runs, "w"), runs.beat

    def fails(worker: str) -> None:
        raise Unavailable("Prefect answered 503")

    monkeypatch.setattr(runs, "beat", fails)
    for _ in range(3):
        alive.beat()
    assert runs.heartbeats() == {}
    assert capfd.readouterr().out.count("503") == 1
    monkeypatch.setattr(runs, "beat", usual)
    alive.beat()
    assert runs.heartbeats().keys() == {"w"}


def test_no_two_starts_of_a_worker_have_the_same_name() -> None:
    names = {new_worker_name() for _ in range(3)}
    assert len(names) == 3
    assert all(re.fullmatch(r"[A-Za-z0-9.-]+-[0-9a-f]{8}", name) for name in names)
