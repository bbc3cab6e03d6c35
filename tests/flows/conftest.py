"""The lab for flow tests: fresh servers and repository for each test, one Prefect server for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from liftgate.sandbox.argocd import Timings
from liftgate.sandbox.town import Town
from tests.lab import Lab, configured, seed, variables
from tests.prefect_server import PrefectApi


@pytest.fixture
def lab(tmp_path: Path, prefect_api: PrefectApi) -> Iterator[Lab]:
    """1.4.1 runs everywhere, 1.4.2 waits in the base; deployments are registered for this lab."""
    with opened(tmp_path, prefect_api) as lab:
        yield lab


@contextmanager
def opened(folder: Path, prefect_api: PrefectApi) -> Iterator[Lab]:
    """One lab at a time over all processes of the test run: they share the deployments' names."""
    with (prefect_api.folder / "lab.lock").open("a") as lock, Town(folder / "town", timings=Timings.fast()) as town:
        flock(lock, LOCK_EX)
        lab = Lab(prefect_api, town, folder)
        seed(lab, configured(lab))
        town.deploy("example-app")
        lab.variables = variables(lab)
        lab.deploy()
        yield lab
