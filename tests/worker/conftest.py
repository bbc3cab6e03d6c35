"""A worker of one's own: the shared one must survive every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from liftgate.runtime.supervisor import Supervisor
from tests.prefect_host import POLLS
from tests.prefect_server import PrefectApi
from tests.worker_program import LabWorker

StartWorker = Callable[..., Supervisor]


@pytest.fixture
def own_pool() -> str:
    return f"own{uuid4().hex[:6]}"


@pytest.fixture
def start_worker(prefect_api: PrefectApi, own_pool: str, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts a worker of `own_pool`; what is given are its settings."""
    with workers(prefect_api, own_pool, tmp_path) as start:
        yield start


@contextmanager
def workers(prefect_api: PrefectApi, pool: str, folder: Path) -> Iterator[StartWorker]:
    """What starts workers of the pool, which end with the block."""
    started: list[Supervisor] = []

    def start(**settings: str) -> Supervisor:
        supervisor = Supervisor(folder / f"worker-{len(started)}")
        started.append(supervisor)
        supervisor.start(LabWorker(supervisor.folder, prefect_api.access, pool, settings=POLLS | settings))
        return supervisor

    yield start
    for supervisor in started:
        supervisor.close()
