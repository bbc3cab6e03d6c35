"""Generated ConfigMaps as `liftgate init` writes them: none is left over, and a rollback finds the one of before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from liftgate_sandbox.argocd.kube import key_of

from liftgate.integrations.deployer import Deployed
from liftgate.integrations.deployer.wait import Wait
from tests.integrations.deployer.histories.generator import START
from tests.integrations.deployer.histories.world import AUTOMATED, NAME, World
from tests.integrations.deployer.test_pods import CRASHES, NO_LIMIT, deployed

LAST, KEPT = "PruneLast=true", "Prune=false"


@pytest.fixture
def world() -> Iterator[World]:
    yield from deployed(World(START, policy=AUTOMATED))


def waited(world: World, ours: str, promotion: str) -> Deployed:
    return Wait(world.adapter, world.simulation, NAME, promotion, lambda one: world.standing(ours, one)).until(300)


def left(world: World) -> list[str]:
    maps = [one["metadata"]["name"] for one in world.argocd.cluster.objects.all("ConfigMap", "prod")]
    return [name for name in maps if name != "base"]


def brought(world: World, version: str, options: str = LAST) -> str:
    ours = world.push({"version": version}, generated=options)
    ended = waited(world, ours, f"p-{version}")
    assert (ended.state, world.is_deployed(ours)) == ("deployed", True)
    return ours


def test_however_many_changes_come_one_is_left(world: World) -> None:
    for number in range(5):
        brought(world, f"2.0.{number}")
    world.simulation.advance(30)
    assert len(left(world)) == 1


def test_a_rollback_finds_the_one_that_the_old_pods_use(world: World) -> None:
    brought(world, "2.0.0")
    [before] = left(world)
    began = world.simulation.time
    bad = world.push({"version": "2.1.0"}, generated=LAST, pod=CRASHES, **NO_LIMIT)
    ended = waited(world, bad, "p-bad")
    assert (ended.state, "CrashLoopBackOff" in ended.reason) == ("failed", True)
    assert before in left(world)
    brought(world, "2.0.0")
    assert world.simulation.time - began < 60
    world.simulation.advance(30)
    assert left(world) == [before]


def test_an_installation_that_kept_them_is_clean_once_the_old_ones_may_go(world: World) -> None:
    """As docs/how-to/argocd.md says: the annotation of the old ones is changed, and the next sync takes them away."""
    for number in range(4):
        brought(world, f"2.0.{number}", KEPT)
    assert len(left(world)) == 4
    brought(world, "2.1.0")
    assert len(left(world)) == 5
    notes = {"metadata": {"annotations": {"argocd.argoproj.io/sync-options": LAST}}}
    for one in list(world.argocd.cluster.objects.all("ConfigMap", "prod")):
        world.argocd.cluster.objects.change(key_of(one), notes)
    brought(world, "2.2.0")
    world.simulation.advance(30)
    assert len(left(world)) == 1


def test_an_operation_that_liftgate_asks_for_prunes_where_the_policy_does(world: World) -> None:
    seen = world.adapter.get(NAME)
    assert seen
    assert world.adapter.sync(NAME, seen, promotion="p")
    assert world.argocd.state.applications[NAME]["operation"]["sync"]["prune"] is True
