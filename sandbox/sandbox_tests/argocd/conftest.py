"""The lab of every test: one environment `dev` under auto-sync comes with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from sandbox_tests.argocd.lab import AUTOMATED, Lab
from sandbox_tests.argocd.repository import GENERATOR, Config, deployment


@cache
def _initial(folder: Path) -> Path:
    """A repository with the environments dev and prod."""
    config = Config(folder / "initial configuration")
    config.write("base/kustomization.yaml", {"resources": ["deployment.yaml"]})
    config.write("base/deployment.yaml", deployment())
    for name in ("dev", "prod"):
        config.environment(name, options={"annotations": GENERATOR})
    config.commit("Initial configuration")
    return config.folder


@pytest.fixture
def lab(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A copy of that repository, and no application yet. A test may give the timings."""
    with Lab(tmp_path, timings=getattr(request, "param", None), like=_initial(tmp_path_factory.getbasetemp())) as one:
        yield one


@pytest.fixture
def automatic(lab: Lab) -> Lab:
    """The same with the application `dev`, synced by itself."""
    lab.create("dev", "configs/dev", syncPolicy=AUTOMATED).raise_for_status()
    lab.settled("dev")
    return lab


@pytest.fixture
def manual(lab: Lab) -> Lab:
    """The same with the application `prod`, which nobody has synced."""
    lab.create("prod", "configs/prod").raise_for_status()
    lab.refresh("prod")
    return lab
