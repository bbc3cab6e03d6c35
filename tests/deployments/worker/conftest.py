"""A worker of one's own: the shared one must survive every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from liftgate.runtime.supervisor import Supervisor
from liftgate.runtime.worker import Worker
from tests.prefect_server import PrefectApi

StartWorker = Callable[..., Supervisor]


@pytest.fixture
def own_pool() -> str:
    return f"own{uuid4().hex[:6]}"


@pytest.fixture
def start_worker(prefect_api: PrefectApi, own_pool: str, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts a worker of `own_pool`; what is given are its settings."""
    started: list[Supervisor] = []

    def start(**settings: str) -> Supervisor:
        supervisor = Supervisor(tmp_path / f"worker-{len(started)}")
        started.append(supervisor)
        supervisor.start(Worker(supervisor.folder, prefect_api.access, own_pool, settings=settings))
        return supervisor

    yield start
    for supervisor in started:
        supervisor.close()
