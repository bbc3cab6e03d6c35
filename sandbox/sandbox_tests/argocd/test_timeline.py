"""In which order a client sees things, as recording 45 shows it; steps by hand under a clock of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from liftgate_sandbox.argocd import ArgoCD, Timings
from liftgate_sandbox.serve import serve

from sandbox_tests.argocd.lab import CLUSTER
from sandbox_tests.argocd.repository import Config, deployment
from sandbox_tests.plain import NO_CERTIFICATES


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_795_406_400.0

    def __call__(self) -> float:
        return self.now


class Simulation:
    """An Argo CD without threads: `run` goes from one thing that is due to the next."""

    def __init__(self, folder: Path, timings: Timings | None = None) -> None:
        self.config = config = Config(folder / "config")
        config.write("base/kustomization.yaml", {"resources": ["deployment.yaml"]})
        config.write("base/deployment.yaml", deployment())
        config.environment("prod")
        self.sha = config.commit()
        self.clock = Clock()
        self.argocd = ArgoCD(folder / "argocd", timings=timings, clock=self.clock)
        self.served = serve(self.argocd.asgi())
        headers = {"Authorization": f"Bearer {self.argocd.admin_token()}", "Content-Type": "application/json"}
        self.client = httpx.Client(verify=NO_CERTIFICATES, base_url=self.served.url, headers=headers)
        self.create("prod", "configs/prod", "prod")

    def create(self, name: str, path: str, namespace: str, **more: Any) -> None:
        """An application; the one whose states are seen from now on."""
        self.name = name
        source = {"repoURL": str(self.config.folder), "targetRevision": "main", "path": path}
        destination = {"server": CLUSTER, "namespace": namespace}
        spec = {"project": "default", "source": source, "destination": destination} | more
        body = {"metadata": {"name": name}, "spec": spec}
        self.client.post("/api/v1/applications", json=body).raise_for_status()

    def run(self, seconds: float) -> list[tuple[float, Any]]:
        """The distinct states in that time, and when each began."""
        start, seen = self.clock.now, [(0.0, self.state())]
        due = self.argocd.step()
        while due - start <= seconds:
            self.clock.now = max(due, self.clock.now)
            due = self.argocd.step()
            if self.state() != seen[-1][1]:
                seen.append((round(self.clock.now - start, 3), self.state()))
        self.clock.now = start + seconds
        return seen

    def state(self) -> tuple[Any, ...]:
        app = self.client.get(f"/api/v1/applications/{self.name}").json()
        status = app["status"]
        phase = (status.get("operationState") or {}).get("phase", "")
        return status["sync"]["status"], status["health"].get("status", ""), "operation" in app, phase


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    one = Simulation(tmp_path)
    one.run(1.0)
    yield one
    one.served.stop()


def test_a_manual_sync_is_seen_in_the_recorded_order(simulation: Simulation) -> None:
    simulation.client.post("/api/v1/applications/prod/sync", json={}).raise_for_status()
    assert [state for _, state in simulation.run(5.0)] == [
        ("OutOfSync", "Missing", True, ""),
        ("OutOfSync", "Missing", True, "Running"),
        ("OutOfSync", "Missing", False, "Succeeded"),
        ("Synced", "Progressing", False, "Succeeded"),
        ("Synced", "Healthy", False, "Succeeded"),
    ]


def test_it_takes_the_time_that_was_measured(simulation: Simulation) -> None:
    simulation.client.post("/api/v1/applications/prod/sync", json={}).raise_for_status()
    at = {state[3:] + state[:2]: when for when, state in simulation.run(5.0)}
    timings = Timings()
    assert at["Running", "OutOfSync", "Missing"] == pytest.approx(timings.pickup, abs=0.01)
    assert at["Succeeded", "OutOfSync", "Missing"] == pytest.approx(timings.pickup + timings.sync, abs=0.01)


def test_nothing_is_due_but_the_next_poll_when_all_is_quiet(simulation: Simulation) -> None:
    simulation.client.post("/api/v1/applications/prod/sync", json={}).raise_for_status()
    simulation.run(10.0)
    assert 100 < simulation.argocd.step() - simulation.clock.now <= Timings().poll
