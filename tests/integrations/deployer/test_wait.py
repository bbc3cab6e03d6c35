"""The wait over virtual time: which operations it asks for, and what it waits for, where others went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from liftgate_sandbox.argocd import Timings

from liftgate.domain.argocd.snapshot import Snapshot, read_snapshot
from liftgate.integrations.deployer import Deployed
from liftgate.integrations.deployer.wait import Wait
from tests.integrations.deployer.histories.generator import START
from tests.integrations.deployer.histories.world import AUTOMATED, NAME, World

SLOW = 8.0
README = {"configs/prod/README.md": b"read me"}
MODES = pytest.mark.parametrize("policy", [AUTOMATED, None], ids=["auto-sync", "by hand"])


class Played:
    """An Application that is deployed and quiet, and waits for commits to it."""

    def __init__(self, world: World, policy: Any) -> None:
        self.world = world
        world.create()
        world.simulation.advance(1)
        if not policy:
            world.sync()
        world.simulation.advance(30)
        self.began = len(self._started())

    @property
    def operations(self) -> int:
        """How many began since then, whoever asked for them."""
        return len(self._started()) - self.began

    def _started(self) -> list[Any]:
        return [event for event in self.world.argocd.state.events if event["reason"] == "OperationStarted"]

    def waited(self, ours: str, promotion: str = "p-1") -> Deployed:
        world = self.world
        wait = Wait(world.adapter, world.simulation, NAME, promotion, lambda one: world.standing(ours, one))
        return wait.until(120)


def played(policy: Any, test: str = "", timings: Timings | None = None) -> Iterator[Played]:
    world = World(START, policy=policy, test=test, timings=timings)
    yield Played(world, policy)
    world.close()


@pytest.fixture
def tested(policy: Any) -> Iterator[Played]:
    """With a PostSync Job."""
    yield from played(policy, "sleep 1")


@pytest.fixture
def untested(policy: Any) -> Iterator[Played]:
    yield from played(policy)


@pytest.fixture
def slow(policy: Any) -> Iterator[Played]:
    """Its pods are ready only so many seconds after they were made."""
    yield from played(policy, timings=Timings(pod_start=SLOW))


@MODES
def test_an_image_that_is_ready_late_is_deployed_only_then(slow: Played) -> None:
    ours = slow.world.push({"version": "2.0.0"})
    ended = slow.waited(ours)
    assert (ended.state, slow.world.is_deployed(ours)) == ("deployed", True)
    assert ended.total > SLOW


@MODES
def test_an_image_that_is_never_ready_is_not_deployed(untested: Played) -> None:
    ended = untested.waited(untested.world.push({"version": "2.0.0", "ill": "no database"}))
    assert ended.state == "failed"
    assert "Degraded (Deployment/web)" in ended.reason


@MODES
@pytest.mark.parametrize("after", [0.02, 0.1, 0.5, 1.0, 2.0])
def test_another_environments_commit_costs_no_operation_and_no_failure(untested: Played, after: float) -> None:
    world = untested.world
    ours = world.push({"version": "2.0.0"})
    other = {"configs/dev/values.json": {"version": "2.0.0"}}
    world.simulation.at(world.simulation.time + after, lambda: world.commits.push(other))
    ended = untested.waited(ours)
    assert (ended.state, untested.operations) == ("deployed", 1)
    assert ended.total < 15
    world.refresh()
    world.simulation.advance(60)
    assert (world.is_deployed(ours), untested.operations) == (True, 1)


@MODES
def test_ten_changes_are_ten_operations(untested: Played) -> None:
    for number in range(10):
        ours = untested.world.push({"version": f"2.0.{number}"})
        ended = untested.waited(ours, promotion=f"p-{number}")
        assert (ended.state, untested.world.is_deployed(ours)) == ("deployed", True)
    untested.world.simulation.advance(60)
    assert untested.operations == 10


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


class Late:
    """A stream that tells of what was long ago."""

    def __init__(self, world: World) -> None:
        self._simulation, self._event = world.simulation, read_snapshot(world.argocd.state.application(NAME))

    def next(self, timeout: float) -> Snapshot | None:
        self._simulation.advance(timeout)
        return self._event

    def close(self) -> None:
        pass


@pytest.mark.parametrize("policy", [AUTOMATED])
def test_of_an_application_that_was_deleted_a_late_event_is_not_believed(
    untested: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = untested.world
    ours = world.push({"version": "2.0.0"})
    assert untested.waited(ours).state == "deployed"
    world.simulation.advance(30)
    assert untested.waited(ours).state == "deployed"
    late = Late(world)
    monkeypatch.setattr(world.adapter, "watch", lambda _: late)
    world.delete()
    world.simulation.advance(5)
    assert untested.waited(ours).state == "timed out"
