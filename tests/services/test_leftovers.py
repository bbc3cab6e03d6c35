"""Branches and pull requests that a promotion left which is over: recovery takes them away."""

from __future__ import annotations

from uuid import uuid4

from liftgate.domain.promotion.attempt import PREVIEWS, proposal_branch
from liftgate.integrations.git.proposals import of_promotions
from liftgate.services.leftovers import SOON
from tests.clocks import Ahead
from tests.flows.faults import fault, heal
from tests.security.signing import VOTED
from tests.server.world import World
from tests.services.walk import BY_PULL_REQUEST, at_gate


def previewed(world: World, run: str) -> str:
    """The ref of a preview whose process ended before it took the branch away."""
    ref = f"refs/heads/{PREVIEWS}{run}"
    assert world.at.git.push(world.at.git.fetch(), ref, "") == "pushed"
    return ref


def left(world: World) -> set[str]:
    """The promotions that have a branch at the remote."""
    world.at.git.fetch()
    return {*of_promotions(world.at.git)}


def test_the_preview_of_a_cancelled_run_is_removed_and_no_other(world: World) -> None:
    cancelled, running, crashed, another = world.run(), world.run(), world.run(), str(uuid4())
    for run in (cancelled, running, crashed, another):
        previewed(world, run)
    world.put(cancelled, "CANCELLED")
    world.put(running, "RUNNING")
    world.put(crashed, "CRASHED")
    world.recovery().once()
    assert left(world) == {running, crashed, another}, "the last one is of another installation"


def test_the_pull_request_of_a_run_that_was_cancelled_at_its_gate_is_closed(deployed: World) -> None:
    run, _, _ = at_gate(deployed, deliver=BY_PULL_REQUEST)
    recovery = deployed.recovery()
    recovery.once()
    pull = deployed.at.forge.find(proposal_branch(run.run), "main")
    assert pull
    assert pull.state == "open"
    deployed.put(run.run, "CANCELLED")
    recovery.once()
    pull = deployed.at.forge.find(proposal_branch(run.run), "main")
    assert pull
    assert pull.state == "closed"
    assert left(deployed) == set()


def test_the_branch_of_a_merged_pull_request_is_removed_once_the_promotion_is_over(deployed: World) -> None:
    run, change, plan = at_gate(deployed, deliver=BY_PULL_REQUEST)
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    change = run.commit(change, plan, VOTED)
    deployed.put(run.run, "RUNNING")
    recovery = deployed.recovery()
    recovery.once()
    assert left(deployed) == {run.run}
    run.end(change, run.deploy(change))
    deployed.put(run.run, "COMPLETED")
    recovery.once()
    assert left(deployed) == set()


def test_a_run_that_was_about_to_begin_is_looked_at_again_soon(world: World) -> None:
    run = world.run()
    previewed(world, run)
    world.at.clock = clock = Ahead()
    recovery = world.recovery()
    recovery.once()
    assert left(world) == {run}
    world.put(run, "COMPLETED")
    clock.ahead = SOON
    recovery.once()
    assert left(world) == set()


def test_what_cannot_be_removed_now_is_removed_later_and_keeps_nothing_else(world: World) -> None:
    run, crashed = world.run(), world.run()
    previewed(world, run)
    recovery = world.recovery()
    world.put(run, "CANCELLED")
    world.put(crashed, "CRASHED")
    fault(world.lab, "forge", "git-404")
    assert [need.action for need in recovery.once()] == ["go on"]
    heal(world.lab)
    assert left(world) == {run}
    world.recovery().once()
    assert left(world) == set()
