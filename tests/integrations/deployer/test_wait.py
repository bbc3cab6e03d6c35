"""The wait over virtual time: which operations it asks for, and what it waits for, where others went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from liftgate.integrations.deployer import Deployed
from liftgate.integrations.deployer.wait import Wait
from tests.integrations.deployer.histories.generator import START
from tests.integrations.deployer.histories.world import AUTOMATED, NAME, World

README = {"configs/prod/README.md": b"read me"}
MODES = pytest.mark.parametrize("policy", [AUTOMATED, None], ids=["auto-sync", "by hand"])


class Played:
    """An Application that is deployed and quiet, and waits for commits to it."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.create()
        world.simulation.advance(1)
        world.sync()
        world.simulation.advance(30)
        self.began = len(self.history())

    def history(self) -> list[Any]:
        return list(self.world.argocd.state.application(NAME)["status"]["history"])

    @property
    def operations(self) -> int:
        """Full operations that succeeded since then."""
        return len(self.history()) - self.began

    def waited(self, ours: str, promotion: str = "p-1") -> Deployed:
        world = self.world
        wait = Wait(world.adapter, world.simulation, NAME, promotion, lambda one: world.standing(ours, one))
        return wait.until(120)


def played(policy: Any, test: str = "") -> Iterator[Played]:
    world = World(START, policy=policy, test=test)
    yield Played(world)
    world.close()


@pytest.fixture
def tested(policy: Any) -> Iterator[Played]:
    """With a PostSync Job."""
    yield from played(policy, "sleep 1")


@pytest.fixture
def untested(policy: Any) -> Iterator[Played]:
    yield from played(policy)


@MODES
def test_a_commit_that_changes_only_the_test_is_synced_once_so_that_it_runs(tested: Played) -> None:
    ours = tested.world.push(tested.world.first, test="sleep 2; echo more")
    assert tested.waited(ours).state == "deployed"
    assert (tested.world.is_deployed(ours), tested.operations) == (True, 1)


@MODES
def test_a_first_test_is_run(untested: Played) -> None:
    ours = untested.world.push(untested.world.first, test="sleep 2")
    assert untested.waited(ours).state == "deployed"
    assert (untested.world.is_deployed(ours), untested.operations) == (True, 1)


@MODES
def test_a_commit_that_changes_only_the_test_fails_with_it(tested: Played) -> None:
    ended = tested.waited(tested.world.push(tested.world.first, test="exit 1"))
    assert (ended.state, "Job/test: " in ended.reason) == ("failed", True)


@MODES
def test_a_commit_that_renders_to_the_same_needs_no_operation_whether_it_has_a_test_or_not(tested: Played) -> None:
    ours = tested.world.commits.push(README)
    calls = tested.world.adapter.transport.calls
    assert tested.waited(ours).state == "deployed"
    assert (tested.operations, tested.world.adapter.transport.calls - calls) == (0, 3)


@MODES
def test_where_nothing_is_run_one_look_is_enough(untested: Played) -> None:
    ours = untested.world.commits.push(README)
    calls = untested.world.adapter.transport.calls
    assert untested.waited(ours).state == "deployed"
    assert (untested.operations, untested.world.adapter.transport.calls - calls) == (0, 2)


@pytest.mark.parametrize("policy", [None])
def test_a_test_that_somebody_left_out_is_made_up_for(tested: Played) -> None:
    ours = tested.world.push({"version": "2.0.0"})
    tested.world.sync(strategy={"apply": {}}, revision=ours)
    tested.world.simulation.advance(20)
    assert tested.waited(ours).state == "deployed"
    assert (tested.world.is_deployed(ours), tested.operations) == (True, 2)
