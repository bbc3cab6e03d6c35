"""A fresh forge for each test: one bare repository, five people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from liftgate_sandbox.forge import Forge
from liftgate_sandbox.serve import serve

from sandbox_tests.forge.stage import Stage
from sandbox_tests.forge.world import World, populate


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    stage = Stage()
    with serve(stage) as served:
        stage.url = served.url
        yield stage


@pytest.fixture
def world(stage: Stage, tmp_path: Path) -> World:
    forge = Forge(tmp_path / "forge")
    populate(forge)
    clones = tmp_path / "clones"
    clones.mkdir()
    stage.app = forge.asgi()
    return World(forge, stage.url, clones)
