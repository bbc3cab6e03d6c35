"""Every change by hand, with and without self-heal, with old ConfigMaps lying about, during and after a promotion: in
virtual time, on the sandbox's Argo CD. Right words, right objects, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from liftgate_sandbox.argocd.kube import Key
from sandbox_tests.argocd.repository import GENERATOR

from liftgate.domain.drift.record import Record
from liftgate.domain.promotion.drift_words import drift_sentence
from tests.integrations.deployer.histories.watcher import Watcher
from tests.integrations.deployer.histories.world import AUTOMATED, NAMESPACE, World, manifests

START = 1_790_000_000.0
WEB = Key("apps", "Deployment", NAMESPACE, "web")
CONFIG = Key("", "ConfigMap", NAMESPACE, "app-config")
CHANGES: dict[str, tuple[Key, Any, str]] = {
    "scale": (WEB, {"spec": {"replicas": 4}}, "Deployment/web: spec.replicas"),
    "image": (WEB, {"image": "web:by-hand"}, "Deployment/web: spec.template.spec.containers.0.image"),
    "value": (CONFIG, {"data": {"values.json": '{"by": "hand"}'}}, "ConfigMap/app-config: data.values.json"),
    "deleted": (WEB, None, "Deployment/web (deleted)"),
}
"""What is changed, how (None: deleted), and how people hear of it."""
OTHERS = {"configs/dev/values.json": {"another": "environment"}}


class Prod(World):
    """Deployed a while ago; the watch has looked since."""

    def __init__(self, *, heals: bool, leaves_old: bool) -> None:
        super().__init__(START, policy=AUTOMATED if heals else {"automated": {}})
        self._release(1, leaves_old=leaves_old)
        self.create()
        self.simulation.advance(20)
        self._release(2, leaves_old=False)
        self.refresh()
        self.simulation.advance(20)
        self.watcher = Watcher(self)
        self.simulation.advance(40)

    def promote(self) -> None:
        self._release(3, leaves_old=False)
        self.watcher.begin()
        self.refresh()
        self.simulation.advance(2)

    def change(self, change: str) -> None:
        key, patch, _ = CHANGES[change]
        objects = self.argocd.cluster.objects
        if change == "image":
            live = objects.get(key) or {}
            [container] = live["spec"]["template"]["spec"]["containers"]
            patch = {"spec": {"template": {"spec": {"containers": [container | patch]}}}}
        assert objects.delete(key) if patch is None else objects.change(key, patch)
        self.argocd.state.wake.set()

    @property
    def told(self) -> list[str]:
        return [drift_sentence(record) for record in self.watcher.records]

    def _release(self, number: int, *, leaves_old: bool) -> None:
        """With `leaves_old` there are ConfigMaps in it that the next one leaves lying about."""
        made = manifests({"version": f"{number}.0.0"})
        [web] = [item for item in made["items"] if item["kind"] == "Deployment"]
        web["spec"]["replicas"] = 1
        for each in range(2 if leaves_old else 0):
            metadata = {"name": f"app-config-old-{each}", "annotations": GENERATOR}
            made["items"].append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {}})
        self.commits.push({"configs/prod/app.json": made})


@contextmanager
def prod(*, heals: bool, leaves_old: bool) -> Iterator[Prod]:
    world = Prod(heals=heals, leaves_old=leaves_old)
    try:
        status = world.argocd.state.applications["app-prod"]["status"]
        leftovers = [one for one in status["resources"] if one.get("requiresPruning")]
        assert (status["sync"]["status"], len(leftovers)) == ("Synced", 2 if leaves_old else 0)
        yield world
    finally:
        world.close()


each_change = pytest.mark.parametrize("change", CHANGES)
with_old = pytest.mark.parametrize("leaves_old", [False, True], ids=["clean", "with old ConfigMaps"])


@each_change
@with_old
def test_without_self_heal_it_is_told_once_and_is_over_after_a_sync(change: str, leaves_old: bool) -> None:
    with prod(heals=False, leaves_old=leaves_old) as world:
        world.change(change)
        world.simulation.advance(30)
        assert world.told == [f"changed in the cluster, not in Git: {CHANGES[change][2]}"]
        world.simulation.advance(60)
        world.sync()
        world.simulation.advance(30)
        (record,) = world.watcher.records
        assert record.over is not None
        assert world.watcher.here == []


@each_change
@with_old
@pytest.mark.parametrize("moved", [False, True], ids=["synced last", "after another environment's commit"])
def test_with_self_heal_it_is_told_once_and_names_what_was_put_back(change: str, leaves_old: bool, moved: bool) -> None:
    with prod(heals=True, leaves_old=leaves_old) as world:
        if moved:
            world.commits.push(OTHERS)
            world.refresh()
            world.simulation.advance(20)
        world.change(change)
        world.simulation.advance(30)
        put_back = CHANGES[change][2].partition(" ")[0].rstrip(":")
        assert world.told == [f"changed in the cluster, not in Git; Argo CD undid the change: {put_back}"]
        world.simulation.advance(90)
        assert len(world.told) == 1


@each_change
@with_old
@pytest.mark.parametrize("heals", [False, True], ids=["self-heal off", "self-heal on"])
def test_during_a_promotion_only_what_lasts_is_told_once_it_is_over(change: str, leaves_old: bool, heals: bool) -> None:
    with prod(heals=heals, leaves_old=leaves_old) as world:
        world.promote()
        world.change(change)
        world.simulation.advance(30)
        assert world.told == []
        world.watcher.end()
        world.simulation.advance(30)
        lasting = [] if heals else [f"changed in the cluster, not in Git: {CHANGES[change][2]}"]
        assert world.told == lasting


def test_a_second_change_by_hand_is_a_change_of_its_own() -> None:
    with prod(heals=True, leaves_old=True) as world:
        for change in ("scale", "value"):
            world.change(change)
            world.simulation.advance(60)
        assert [_names(record) for record in world.watcher.records] == [["Deployment/web"], ["ConfigMap/app-config"]]


def _names(record: Record) -> list[str]:
    return sorted(record.names)
