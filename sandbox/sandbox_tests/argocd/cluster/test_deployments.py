"""A Deployment's progress deadline is its rollout's, under a clock of our own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.argocd.kube import Key

from sandbox_tests.argocd.repository import config_map, deployment
from sandbox_tests.argocd.test_timeline import Simulation

_START = 8.0
"""Seconds until a pod is ready."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Simulation]:
    one = Simulation(tmp_path, replace(Timings(), pod_start=_START))
    yield one
    one.served.stop()


def deployed(cluster: Simulation, deadline: int) -> list[str]:
    """The health of the application, as it changes."""
    cluster.config.write("scaled/all.yaml", [config_map("environment-config"), deployment(deadline=deadline)])
    cluster.config.commit()
    cluster.create("scaled", "scaled", "scaled", syncPolicy={"automated": {"prune": True}})
    return health(cluster)


def health(cluster: Simulation) -> list[str]:
    return [state[1] for _, state in cluster.run(3 * _START)]


def test_a_rollout_that_takes_too_long_is_late(cluster: Simulation) -> None:
    assert "Degraded" in deployed(cluster, deadline=int(_START / 2))


def test_what_is_only_scaled_is_never_late(cluster: Simulation) -> None:
    assert deployed(cluster, deadline=int(_START + 2))[-1] == "Healthy"
    cluster.argocd.cluster.objects.change(Key("apps", "Deployment", "scaled", "app"), {"spec": {"replicas": 3}})
    seen = health(cluster)
    assert "Progressing" in seen
    assert "Degraded" not in seen
    assert seen[-1] == "Healthy"
