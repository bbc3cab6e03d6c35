"""Waves, and tests after a sync, in the order of recordings 250-257 and 287, under a clock of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.argocd.refreshes import FRESH

from sandbox_tests.argocd.repository import config_map, deployment, job
from sandbox_tests.argocd.shapes import plain
from sandbox_tests.argocd.situations.later import bare
from sandbox_tests.argocd.test_timeline import Simulation

_CASES = Path(__file__).parents[3] / "tests" / "cases" / "argocd"
_OPTIONS = {"syncOptions": ["CreateNamespace=true"]}
_WAVE = "argocd.argoproj.io/sync-wave"
_BRIEF = 0.5
"""Seconds; what polling saw for less than that, it may as well have missed."""


class Sequence(Simulation):
    def state(self) -> tuple[Any, ...]:
        app = self.argocd.state.applications[self.name]
        status, last = app["status"], app["status"].get("operationState") or {}
        seen = status["sync"]["status"], status["health"].get("status"), "operation" in app
        return (*seen, last.get("phase"), plain(last.get("message", "")))

    def push(self, path: str, *objects: Any) -> None:
        """And have it looked at."""
        self.config.write(path, list(objects))
        self.config.commit()
        self.argocd.controller.refreshes.request(self.name, FRESH)

    def sync(self) -> None:
        self.client.post(f"/api/v1/applications/{self.name}/sync", json={}).raise_for_status()


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Sequence]:
    """Pods take as long to start as those of the recordings."""
    one = Sequence(tmp_path, replace(Timings(), pod_start=8))
    yield one
    one.served.stop()


def recorded(number: int) -> list[tuple[Any, ...]]:
    [file] = _CASES.glob(f"{number}-*.json")
    states = json.loads(file.read_text())["states"]
    ends = [one["t"] for one in states[1:]] + [float("inf")]
    lasting = [one for one, end in zip(states, ends, strict=True) if end - one["t"] > _BRIEF]
    return [(*(one[key] for key in ("sync", "health", "op", "phase")), plain(one["msg"])) for one in lasting]


def in_that_order(wanted: list[tuple[Any, ...]], found: list[tuple[float, Any]]) -> list[tuple[Any, ...]]:
    """Those of `wanted` that were found one after the other; all of them, if all is well."""
    left = iter(state for _, state in found)
    return [one for one in wanted if any(one == state for state in left)]


def push_waves(simulation: Sequence, last: str, test: str, config: str = "") -> None:
    web = bare(deployment(name="web", deadline=15), config)
    web["metadata"]["annotations"] = {_WAVE: "1"}
    third = config_map("last", {"a": last}, **{_WAVE: "2"})
    simulation.push("waves/all.yaml", config_map("first"), web, third, job("integration-test", "PostSync", [test]))


def push_tested(simulation: Sequence, value: str, test: str) -> None:
    test_job = job("integration-test", "PostSync", [test])
    simulation.push("tested/all.yaml", config_map("w", {"a": value}), test_job)


def test_waves_wait_for_health_and_the_test_comes_last(simulation: Sequence) -> None:
    push_waves(simulation, "1", "true")
    simulation.create("x-waves", "waves", "h-waves", syncPolicy=_OPTIONS)
    for number, change in ((250, ("1", "true")), (252, ("2", "false")), (255, ("3", "false", "missing"))):
        push_waves(simulation, *change)
        simulation.run(1)
        simulation.sync()
        wanted = recorded(number)
        assert in_that_order(wanted, simulation.run(32)) == wanted


def test_a_test_runs_though_nothing_changed_and_is_retried_when_it_fails(simulation: Sequence) -> None:
    push_tested(simulation, "1", "true")
    policy = {"automated": {"selfHeal": True}} | _OPTIONS
    simulation.create("x-wauto", "tested", "h-waves", syncPolicy=policy)
    simulation.run(15)
    simulation.sync()
    wanted = recorded(287)
    assert in_that_order(wanted, simulation.run(15)) == wanted
    push_tested(simulation, "2", "false")
    wanted = recorded(257)
    assert in_that_order(wanted, simulation.run(75)) == wanted
