"""A Liftgate server for each test, over runs in memory or on a real Prefect server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prefect_server import PrefectApi
from tests.server.world import World, deployed_world, server_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with server_world(tmp_path) as world:
        yield world


@pytest.fixture
def running(tmp_path: Path) -> Iterator[World]:
    """One whose Argo CD, a quick one, brings what is committed."""
    with deployed_world(tmp_path) as world:
        yield world


@pytest.fixture
def real_world(tmp_path: Path, prefect_api: PrefectApi) -> Iterator[World]:
    with server_world(tmp_path, prefect_api) as world:
        yield world
