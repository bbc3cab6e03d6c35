"""A promotion to "latest verified" that waits at its gate goes on with the release that people saw there."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import GatedChange, Promotion
from liftgate.domain.promotion.run_request import LATEST
from liftgate.errors import Refused
from liftgate.services import approvals
from liftgate.services.notes import Notes
from liftgate.services.recovery import Recovery
from tests.committing import AUTHOR
from tests.examples import NOW, entry, text, values
from tests.lab import configured
from tests.server.world import World
from tests.services.walk import Walk, page, walk


def gates(world: World, *environments: str) -> None:
    """These take an approval; the others none."""
    policy: dict[str, Any] = {each: {"approvals": {"needed": 1}} for each in environments}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy))})


def released(world: World, version: str) -> None:
    world.lab.commit({"configs/base/values.json": text(values("base", version))})


def waits(world: World, to: str) -> tuple[Walk, Plan]:
    run = walk(world, by="rosa", to=to, release=LATEST)
    _, plan, _ = run.asks()
    return run, plan


def version(change: GatedChange) -> str:
    assert isinstance(change, Promotion)
    return change.release.version


@pytest.mark.parametrize("to", ["dev", "staging"])
def test_what_is_newer_upstream_meanwhile_takes_no_approval_away(deployed: World, to: str) -> None:
    gates(deployed, to)
    if to == "staging":
        walk(deployed, to="dev").to_end()
    run, seen = waits(deployed, to)
    deployed.lab.vote(run.run, "ada", plan=seen.hash)
    released(deployed, "1.4.3")
    if to == "staging":
        walk(deployed, to="dev").to_end()
    change = run.begin()
    plan = run.plan(change)
    assert (version(change), plan.hash) == ("1.4.2", seen.hash)
    decision = approvals.gate(run.at, change, plan)
    assert decision.opens, decision
    run.commit(change, plan, decision)
    assert deployed.lab.version(to) == "1.4.2"


def test_the_server_counts_the_votes_on_the_plan_that_waits_and_wakes_the_run(deployed: World) -> None:
    gates(deployed, "dev")
    run, seen = waits(deployed, "dev")
    deployed.lab.vote(run.run, "ada", plan=seen.hash)
    released(deployed, "1.4.3")
    assert "1.4.2" in page(deployed, run.run)
    found = approvals.pending_approval(deployed.at, deployed.at.latest, deployed.read(run.run))
    assert (found.plan, found.trouble, found.is_outdated) == (seen.hash, "", False)
    Recovery(deployed.at).once()
    assert (deployed.resumes(run.run), deployed.reruns(run.run)) == (1, 0)


def test_a_run_that_came_to_no_gate_takes_what_is_the_newest_when_it_begins_again(deployed: World) -> None:
    run = walk(deployed, to="dev", release=LATEST)
    assert version(run.begin()) == "1.4.2"
    released(deployed, "1.4.3")
    assert version(run.begin()) == "1.4.3"


def test_a_release_that_was_rolled_back_there_meanwhile_does_not_go_on(deployed: World) -> None:
    gates(deployed, "dev")
    run, seen = waits(deployed, "dev")
    bad = entry(environment="dev", release=seen.release_id, source=seen.source, outcome="rolled back")
    deployed.record(bad)
    with pytest.raises(Refused, match=r"1\.4\.2 was rolled back in dev"):
        run.begin()


def test_the_note_of_a_liar_brings_nothing_that_upstream_has_not_verified(deployed: World) -> None:
    gates(deployed, "staging")
    walk(deployed, to="dev").to_end()
    released(deployed, "1.4.3")
    newest = deployed.at.tree(deployed.at.git.fetch()).newest_release("example-app")
    run = walk(deployed, by="rosa", to="staging", release=LATEST)
    change = run.begin()
    Notes(run.at.runs, run.run).keep_plan(run.plan(change).copy_with(release_id=newest.id, source=newest.source))
    with pytest.raises(Refused, match=r"1\.4\.3 is not verified in dev"):
        run.begin()


@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_no_release_of_the_branch_is_none(deployed: World, *, is_there: bool) -> None:
    source = "f" * 40
    if is_there:
        there, files = deployed.lab.remote, {"configs/base/values.json": text(values("base", "9.9.9"))}
        source = there.write(there.head, files, "not merged\n", NOW, AUTHOR, None)
        deployed.lab.push(source, "refs/heads/liftgate/promotions/other")
    run = walk(deployed, to="dev", release=LATEST)
    lie = run.plan(run.begin()).copy_with(release_id="sha256:" + "0" * 64, source=source)
    assert bool(run.at.git.resolve(source)) == is_there
    Notes(run.at.runs, run.run).keep_plan(lie)
    assert version(run.begin()) == "1.4.2"
