"""A promotion by pull request waits for the forge's required checks; its gate is looked at before each try."""

from __future__ import annotations

import pytest
from liftgate_sandbox.forge import Protection
from liftgate_sandbox.town import BOT, REPOSITORY

from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.git import pauses
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR
from tests.security.signing import VOTED
from tests.server.world import World
from tests.services.walk import BY_PULL_REQUEST, at_gate, gated, walk


def check(world: World, run: str, conclusion: str) -> None:
    pull = world.at.forge.find(f"liftgate/promotions/{run}", "main")
    assert pull is not None
    world.lab.town.forge.add_check(REPOSITORY, pull.head, "test", conclusion=conclusion)


def protected(world: World, **rules: bool) -> None:
    world.lab.town.forge.protect(REPOSITORY, "main", Protection(contexts=("test",), may_push=(BOT,), **rules))


def test_a_check_that_is_expected_is_waited_for(deployed: World) -> None:
    run, change, plan = at_gate(deployed, deliver=BY_PULL_REQUEST)
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    protected(deployed)
    with pytest.raises(Unavailable, match=r"test \(expected\)") as told:
        run.commit(change, plan, VOTED)
    assert told.value.retry_after, "the task tries again after it"
    check(deployed, run.run, "success")
    assert run.commit(change, plan, VOTED).revision


def test_a_pause_while_it_waits_stops_the_merge(deployed: World) -> None:
    run, change, plan = at_gate(deployed, deliver=BY_PULL_REQUEST)
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    protected(deployed)
    with pytest.raises(Unavailable):
        run.commit(change, plan, VOTED)
    pauses.add_pause(deployed.lab.remote, "dev", "incident 7", AUTHOR, NOW)
    check(deployed, run.run, "success")
    assert run.commit(change, plan, VOTED).revision == ""
    assert deployed.lab.version("dev") == "1.4.1"


def test_a_failed_check_refuses_it_by_name(deployed: World) -> None:
    run, change, plan = at_gate(deployed, deliver=BY_PULL_REQUEST)
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    protected(deployed)
    check(deployed, run.run, "failure")
    with pytest.raises(Refused, match=r"required checks failed: test \(failure, http"):
        run.commit(change, plan, VOTED)


def test_a_merge_queue_is_refused_before_anything_is_planned(deployed: World) -> None:
    gated(deployed, deliver=BY_PULL_REQUEST)
    protected(deployed, merge_queue=True)
    with pytest.raises(Misconfigured, match="merge queue"):
        walk(deployed, by="rosa", to="dev").begin()
