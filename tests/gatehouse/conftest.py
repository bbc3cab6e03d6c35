"""A gatehouse for each test, over runs in memory or on a real Prefect server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gatehouse.world import World, gatehouse
from tests.prefect_server import PrefectApi


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with gatehouse(tmp_path) as world:
        yield world


@pytest.fixture
def real_world(tmp_path: Path, prefect_api: PrefectApi) -> Iterator[World]:
    with gatehouse(tmp_path, prefect_api) as world:
        yield world
