"""A fresh forge for each test: one bare repository, five people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from liftgate.sandbox.forge import Forge
from liftgate.sandbox.serve import serve
from tests.sandbox.forge.world import World, populate


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    forge = Forge(tmp_path / "forge")
    populate(forge)
    clones = tmp_path / "clones"
    clones.mkdir()
    with serve(forge.asgi()) as served:
        yield World(forge, served.url, clones)
