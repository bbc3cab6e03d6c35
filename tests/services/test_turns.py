"""Older and newer promotions of one application to one environment: who goes on, who ends, and who waits."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.approval.gate import Decision
from liftgate.domain.approval.requester import Origin, Requester
from liftgate.domain.planning.diff_text import headline
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.errors import Refused
from liftgate.services import approvals, suspension
from liftgate.services.best_effort import catch_up
from liftgate.services.outcomes import Result
from liftgate.services.planning import planned
from liftgate.services.recovery import Recovery
from liftgate.services.requests import start_promotion
from tests.examples import text, values
from tests.server.world import World
from tests.services.walk import BY_PULL_REQUEST, Walk, gated, walk


def released(world: World, version: str) -> str:
    """The commit of a new release in the base."""
    return world.lab.commit({"configs/base/values.json": text(values("base", version))})


def of_base(world: World) -> str:
    """The commit of the release that the base has: 1.4.2."""
    return world.at.tree(world.at.git.fetch()).newest_release("example-app").source


def to_dev(world: World, release: str, **more: Any) -> Walk:
    return walk(world, by="rosa", to="dev", release=release, **more)


def waits(run: Walk) -> tuple[GatedChange, Plan]:
    """It came to its gate, asked people, ended the older ones there, and is suspended."""
    change, plan, decision = run.to_gate()
    assert decision.waits, decision
    suspension.suspend(run.at, change, plan, decision)
    run.world.suspended(run.run, plan, form=True, until=decision.until)
    return change, plan


def woken(run: Walk) -> tuple[GatedChange, Plan, Decision]:
    change = run.begin()
    plan = run.plan(change)
    return change, plan, approvals.gate(run.at, change, plan)


def approved(run: Walk, person: str = "grace") -> None:
    """Committed and verified, with this person's vote."""
    change = run.begin()
    plan = run.plan(change)
    run.world.lab.vote(run.run, person, plan=plan.hash)
    decision = approvals.gate(run.at, change, plan)
    assert decision.opens, decision
    change = run.commit(change, plan, decision)
    run.end(change, run.deploy(change))
    run.world.put(run.run, "COMPLETED")


def test_an_older_one_that_is_approved_after_the_newer_one_does_not_lower_the_environment(deployed: World) -> None:
    """Whatever Prefect showed of the two: the plan is made from Git."""
    gated(deployed)
    older = to_dev(deployed, of_base(deployed))
    _, plan, _ = older.asks()
    newer = to_dev(deployed, released(deployed, "1.4.3"))
    newer.asks()
    approved(newer)
    deployed.lab.vote(older.run, "ada", plan=plan.hash)
    with pytest.raises(Refused, match=r"1\.4\.2 is older than 1\.4\.3, which dev has"):
        woken(older)
    change = older.begin()
    with pytest.raises(Refused, match="the plan of this commit cannot be applied"):
        older.commit(change, planned(older.at, change))  # a worker that was taken over: the signer process refuses
    assert deployed.lab.version("dev") == "1.4.3"


def test_a_newer_one_supersedes_the_older_one_that_waits(deployed: World) -> None:
    """Its message, buttons, pull request and branch are closed, and those who voted are told."""
    gated(deployed, deliver=BY_PULL_REQUEST)
    older = to_dev(deployed, of_base(deployed))
    _, plan = waits(older)
    deployed.lab.vote(older.run, "ada", plan=plan.hash)
    newer = to_dev(deployed, released(deployed, "1.4.3"))
    waits(newer)
    assert (deployed.resumes(older.run), deployed.resumes(newer.run)) == (1, 0)
    change, plan, decision = woken(older)
    assert (decision.state, decision.approved_by) == ("superseded", ())
    ended = older.end(change, Result.closed(decision, plan))
    catch_up()
    assert ended.outcome == "superseded"
    assert ended.sentence == (
        f"Superseded by the newer promotion {newer.run} of 1.4.3, which waits at the same gate; decide there"
    )
    pull = deployed.at.forge.find(f"liftgate/promotions/{older.run}", "main")
    assert pull is not None
    assert pull.state == "closed"
    deployed.at.git.fetch()
    assert not deployed.at.git.resolve(f"refs/heads/liftgate/promotions/{older.run}")
    messages = deployed.lab.town.slack.store.state.messages
    said = [each for each in messages if "uperseded" in each.text + str(each.blocks)]
    assert not any(block["type"] == "actions" for each in said for block in each.blocks)
    assert any("ada voted on this one: please decide again there." in each.text for each in said)
    assert woken(newer)[2].waits, "its gate begins fresh"


def test_the_same_release_again_is_refused_at_once_and_names_the_first(deployed: World) -> None:
    gated(deployed)
    first = to_dev(deployed, of_base(deployed))
    waits(first)
    second = to_dev(deployed, of_base(deployed))
    with pytest.raises(Refused, match=f"promotion {first.run} already waits there with the same release 1.4.2"):
        second.begin()
    assert woken(first)[2].waits


def test_an_older_one_is_refused_at_once_where_a_newer_one_waits(deployed: World) -> None:
    gated(deployed)
    old = of_base(deployed)
    newer = to_dev(deployed, released(deployed, "1.4.3"))
    waits(newer)
    with pytest.raises(Refused, match=f"1.4.2 is older than 1.4.3, which already waits there .promotion {newer.run}"):
        to_dev(deployed, old).begin()
    waits(to_dev(deployed, old, allow_downgrade=True))
    assert woken(newer)[2].state == "superseded"


def test_recovery_ends_the_older_one_where_the_newer_one_died_before_it_did(deployed: World) -> None:
    gated(deployed)
    older = to_dev(deployed, of_base(deployed))
    older.asks()
    newer = to_dev(deployed, released(deployed, "1.4.3"))
    newer.asks()
    deployed.at.git.fetch()
    recovery = Recovery(deployed.at)
    recovery.once()
    recovery.once()
    assert (deployed.resumes(older.run), deployed.resumes(newer.run)) == (1, 0)
    assert woken(older)[2].state == "superseded"


def test_the_answer_that_wakes_it_is_no_rejection_where_policy_counts_unproven_people(deployed: World) -> None:
    gated(deployed, unproven=True)
    older = to_dev(deployed, of_base(deployed))
    change, plan = waits(older)
    waits(to_dev(deployed, released(deployed, "1.4.3")))
    assert approvals.gate(older.at, change, plan, (False,)).state == "superseded"


def test_in_a_queue_the_later_one_waits_until_the_earlier_one_is_over(deployed: World) -> None:
    """With all its votes, by the flow and by the server, which does not wake it in vain."""
    gated(deployed, policy={"waiting": "queue"})
    earlier = to_dev(deployed, of_base(deployed))
    waits(earlier)
    later = to_dev(deployed, released(deployed, "1.4.3"))
    _, plan = waits(later)
    deployed.lab.vote(later.run, "ada", plan=plan.hash)
    decision = woken(later)[2]
    assert decision.waits
    assert decision.reason == f"waits until the earlier promotion {earlier.run} of 1.4.2 is over"
    deployed.at.git.fetch()
    Recovery(deployed.at).once()
    assert (deployed.resumes(earlier.run), deployed.resumes(later.run)) == (0, 0)
    deployed.put(earlier.run, "CANCELLED")
    assert woken(later)[2].opens
    Recovery(deployed.at).once()
    assert deployed.resumes(later.run) == 1


def test_a_plan_to_an_older_release_says_so_first_and_the_request_must_allow_it(deployed: World) -> None:
    gated(deployed)
    old = of_base(deployed)
    approved(to_dev(deployed, released(deployed, "1.4.3")))
    with pytest.raises(Refused, match="--allow-downgrade"):
        woken(to_dev(deployed, old))
    back = to_dev(deployed, old, allow_downgrade=True)
    _, plan = waits(back)
    assert headline(plan).startswith("example-app → dev: DOWNGRADE from 1.4.3 to the older release 1.4.2 (")
    assert plan.hash != plan.copy_with(older_than="", allow_downgrade=False).hash
    deployed.at.git.fetch()
    shown = approvals.pending_approval(deployed.at, deployed.at.latest, deployed.read(back.run))
    assert (shown.plan, shown.trouble) == (plan.hash, ""), "the server makes the same plan from the request"
    approved(back, "ada")
    assert deployed.lab.version("dev") == "1.4.2"


def test_a_release_of_an_earlier_commit_is_older_whatever_its_version_says(deployed: World) -> None:
    gated(deployed)
    old = released(deployed, "1.4.9")
    approved(to_dev(deployed, released(deployed, "1.4.4")))
    with pytest.raises(Refused, match=r"1\.4\.9 is older than 1\.4\.4"):
        woken(to_dev(deployed, old))


def test_what_a_person_wrote_there_counts_too(deployed: World) -> None:
    gated(deployed)
    deployed.lab.commit({"configs/dev/values.json": text(values("dev", "2.0.0"))})
    with pytest.raises(Refused, match=r"1\.4\.2 is older than 2\.0\.0, which dev has"):
        woken(to_dev(deployed, of_base(deployed)))


def test_what_another_run_starts_never_allows_a_downgrade(deployed: World) -> None:
    """The next environment's run, and the one of the night: they have no such parameter."""
    gated(deployed)
    old = of_base(deployed)
    approved(to_dev(deployed, released(deployed, "1.4.3")))
    by = Origin(requester=Requester(name=""), before=deployed.run("nightly"))
    with pytest.raises(Refused, match="a promotion that another run starts allows no downgrade"):
        start_promotion(
            deployed.worker, "example-app", "dev", by=by, key="a", title="a", release=old, allow_downgrade=True
        )
    started = start_promotion(deployed.worker, "example-app", "dev", by=by, key="b", title="b", release=old)
    assert "allow_downgrade" not in started.parameters
    with pytest.raises(Refused, match=r"1\.4\.2 is older than 1\.4\.3"):
        woken(Walk(deployed, deployed.worker, started.id))
