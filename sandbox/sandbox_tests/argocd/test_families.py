"""Applications that make or unmake others, and changes by hand, in the order of recordings 116, 230, 247, 307, 309, 312
and 315, under a clock of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.argocd.kube import Key
from liftgate_sandbox.argocd.refreshes import FRESH

from sandbox_tests.argocd.lab import AUTOMATED, CLUSTER
from sandbox_tests.argocd.repository import config_map, deployment
from sandbox_tests.argocd.situations.later import bare
from sandbox_tests.argocd.situations.parents import child
from sandbox_tests.argocd.test_sequences import in_that_order
from sandbox_tests.argocd.test_timeline import Simulation

_CASES = Path(__file__).parents[3] / "tests" / "cases" / "argocd"
_BRIEF = 0.12
"""Seconds; what polling saw for less than that, it may as well have missed."""


class Family(Simulation):
    """What is seen of several applications at once: "" for those that are not there."""

    names: tuple[str, ...] = ()
    cut = 60
    """Characters; the recordings show no more of a message."""

    def state(self) -> tuple[Any, ...]:
        return tuple(self._one(name) for name in self.names or (self.name,))

    def _one(self, name: str) -> Any:
        app = self.argocd.state.applications.get(name)
        if app is None:
            return 404
        status, last = app["status"], app["status"].get("operationState") or {}
        seen = [status["sync"]["status"], status["health"].get("status"), "operation" in app, last.get("phase")]
        return (*seen, last.get("message", "")[: self.cut])

    def push(self, path: str, *objects: Any) -> None:
        self.config.write(path, list(objects))
        self.config.commit()


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    """Pods take as long to start as those of the recordings."""
    one = Family(tmp_path, replace(Timings(), pod_start=8))
    yield one
    one.served.stop()


def recorded(number: int) -> list[Any]:
    """The states that lasted."""
    [file] = _CASES.glob(f"{number}-*.json")
    states = json.loads(file.read_text())["states"]
    when = "t" if "t" in states[0] else "at"
    ends = [one[when] for one in states[1:]] + [float("inf")]
    return [one for one, end in zip(states, ends, strict=True) if end - one[when] > _BRIEF]


def test_a_parent_is_done_before_its_children_are_healthy(family: Family) -> None:
    family.push("tests/child-a/all.yaml", bare(deployment()))
    family.push("tests/child-b/all.yaml", config_map("b"))
    url = str(family.config.folder)
    family.push("tests/parent/all.yaml", child(url, "child-a", 0, "default"), child(url, "child-b", 1, "default"))
    family.create("x-parent", "tests/parent", "argocd")
    family.run(1)
    family.names = names = ("x-parent", "x-child-a", "x-child-b")
    family.client.post("/api/v1/applications/x-parent/sync", json={}).raise_for_status()
    wanted = [tuple(_seen(one[name]) for name in names) for one in recorded(230)]
    assert in_that_order(wanted, family.run(15)) == wanted


def _seen(one: Any) -> Any:
    return tuple(one) if isinstance(one, list) else one


def test_a_self_heal_is_over_at_once(family: Family) -> None:
    family.create("x-heal", "configs/prod", "h-heal", syncPolicy=AUTOMATED)
    family.run(15)
    family.argocd.cluster.objects.change(Key("apps", "Deployment", "h-heal", "app"), {"spec": {"replicas": 0}})
    states = [(tuple(one[key] for key in ("sync", "health", "op", "phase", "msg")),) for one in recorded(116)]
    wanted = [state for state, _ in groupby(states)]
    assert in_that_order(wanted, family.run(15)) == wanted


def test_after_another_commit_a_self_heal_is_a_sync_like_any_other(family: Family) -> None:
    """It says nothing of healing: neither how often, nor of which objects. (Health is the pods' own matter here.)"""
    family.create("x-heal", "configs/prod", "h-heal", syncPolicy=AUTOMATED)
    family.run(15)
    for number in (307, 309):
        family.push(f"elsewhere/{number}.yaml", config_map("elsewhere"))
        family.argocd.controller.refreshes.request("x-heal", FRESH)
        family.run(5)
        family.argocd.cluster.objects.change(Key("apps", "Deployment", "h-heal", "app"), {"spec": {"replicas": 4}})
        wanted = [state for state, _ in groupby(map(_without_health, _parts(number)))]
        seen = [(when, _without_health(state)) for when, state in family.run(5)]
        assert in_that_order(wanted, seen) == wanted
        sync = family.argocd.state.applications["x-heal"]["status"]["operationState"]["operation"]["sync"]
        assert sync.keys().isdisjoint({"autoHealAttemptsCount", "resources"})


def test_what_cannot_run_stays_out_of_sync_until_a_person_syncs(family: Family) -> None:
    family.create("x-hand", "configs/prod", "h-hand", syncPolicy={"automated": {}})
    family.run(15)
    elsewhere = {"template": {"spec": {"volumes": [{"name": "config", "configMap": {"name": "not-there"}}]}}}
    family.argocd.cluster.objects.change(Key("apps", "Deployment", "h-hand", "app"), {"spec": elsewhere})
    wanted = _parts(312)
    assert in_that_order(wanted, family.run(30)) == wanted
    family.client.post("/api/v1/applications/x-hand/sync", json={}).raise_for_status()
    wanted = _parts(315)
    assert in_that_order(wanted, family.run(15)) == wanted


def _without_health(state: Any) -> Any:
    [(sync, _, *rest)] = state
    return ((sync, *rest),)


def _parts(number: int) -> list[Any]:
    states = []
    for one in (each["application"] for each in recorded(number)):
        status, last = one["status"], one["status"].get("operationState") or {}
        seen = status["sync"]["status"], status["health"]["status"], one["operation"] is not None, last.get("phase")
        states.append(((*seen, last.get("message", "")[: Family.cut]),))
    return states


def test_a_generated_application_that_was_deleted_is_made_again(family: Family) -> None:
    family.push("envs/dev/all.yaml", bare(deployment()))
    made = _set(str(family.config.folder))
    family.client.post("/api/v1/applicationsets", json=made).raise_for_status()
    family.run(20)
    going = Going(family)
    family.client.delete("/api/v1/applications/h-dev").raise_for_status()
    seen = going.run(20)
    states = recorded(247)
    first = states[0]["uid"]
    wanted = [
        (one["uid"] == first, one["deleting"], one["sync"], one["health"], bool(one["deployments"])) for one in states
    ]
    assert in_that_order(wanted, seen) == wanted


class Going:
    """One application under the same name: the old one or the new one, and whether its Deployment is there."""

    def __init__(self, family: Family) -> None:
        self.family, self.uid = family, self._app(family)["metadata"]["uid"]
        family.state = self.state  # type: ignore[method-assign]
        self.run = family.run

    def _app(self, family: Family) -> Any:
        return family.argocd.state.applications.get("h-dev")

    def state(self) -> tuple[Any, ...]:
        app = self._app(self.family)
        if app is None:
            return ()
        status, deployment = app["status"], Key("apps", "Deployment", "h-dev", "app")
        there = self.family.argocd.cluster.objects.get(deployment) is not None
        old, going = app["metadata"]["uid"] == self.uid, "deletionTimestamp" in app["metadata"]
        return (old, going, status["sync"]["status"], status["health"].get("status"), there)


def _set(url: str) -> Any:
    source: Any = {"repoURL": url, "targetRevision": "main", "path": "{{.path.path}}"}
    destination = {"server": CLUSTER, "namespace": "h-{{.path.basename}}"}
    spec: Any = {"project": "default", "source": source, "destination": destination, "syncPolicy": AUTOMATED}
    template = {"metadata": {"name": "h-{{.path.basename}}"}, "spec": spec}
    git = {"repoURL": url, "revision": "main", "directories": [{"path": "envs/*"}]}
    spec = {"goTemplate": True, "generators": [{"git": git}], "template": template}
    return {"metadata": {"name": "h"}, "spec": spec}
