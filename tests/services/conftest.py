"""The world of the use cases: a repository, a forge and a Prefect server that is only a store."""

from __future__ import annotations

import pytest

from tests.server.conftest import running, world
from tests.server.world import World
from tests.services.course import Course

__all__ = ["running", "world"]


@pytest.fixture
def deployed(running: World) -> World:
    """With a quick Argo CD that has an Application for each environment."""
    return running


@pytest.fixture
def course(running: World) -> Course:
    """1.4.1 runs everywhere; the use cases of a worker."""
    return Course(running.lab, running.worker)
