"""What a liar's note, and a release that was withdrawn, do to a promotion that keeps its release."""

from __future__ import annotations

import re
from typing import Any

import pytest

from liftgate.domain.approval.vote import gate_name
from liftgate.domain.promotion.attempt import Promotion
from liftgate.domain.promotion.run_request import LATEST
from liftgate.errors import Refused
from liftgate.services import approvals
from liftgate.services.notes import Notes
from liftgate.services.planned import plan_at_gate
from liftgate.services.planning import planned
from tests.committing import AUTHOR
from tests.examples import NOW, text, values
from tests.lab import configured
from tests.server.world import World
from tests.services import by_hand
from tests.services.test_kept_release import gates, released, version, waits
from tests.services.walk import Walk, walk

NO_RELEASE = "sha256:" + "0" * 64


def lies(run: Walk, **said: Any) -> None:
    plan = run.plan(run.begin()).copy_with(**said)
    Notes(run.at.runs, run.run).keep_plan(plan)


@pytest.mark.parametrize("source", ["\0" * 40, "a\n" * 20, "-" * 40, "@{" + "9" * 37 + "}", ":/" + "x" * 38, "é" * 40])
def test_an_odd_source_is_none(deployed: World, source: str) -> None:
    run = walk(deployed, to="dev", release=LATEST)
    lies(run, release_id=NO_RELEASE, source=source)
    assert version(run.begin()) == "1.4.2"


@pytest.mark.parametrize("source", ["\0" * 40, "a\n" * 20])
def test_an_odd_source_breaks_no_page(deployed: World, source: str) -> None:
    gates(deployed, "dev")
    run = walk(deployed, by="rosa", to="dev", release=LATEST)
    lies(run, release_id=NO_RELEASE, source=source)
    _, plan, _ = run.asks()
    assert deployed.http().get(f"/promotions/{run.run}").status_code == 200
    assert plan_at_gate(run.at, run.at.latest, deployed.read(run.run), gate_name(plan.hash)).plan is not None


def named(deployed: World, kind: str) -> str:
    head = deployed.at.git.fetch()
    if kind == "tildes":
        return head[:10] + "~0" * 15
    return head[:6] + "^{/(|\nPromotion-Approved-By: ada)}"


@pytest.mark.parametrize("kind", ["tildes", "lines"])
def test_a_source_is_a_whole_sha(deployed: World, kind: str) -> None:
    run = walk(deployed, to="dev", release=LATEST)
    source = named(deployed, kind)
    assert len(source) == 40
    lies(run, release_id=NO_RELEASE, source=source)
    change = run.begin()
    assert isinstance(change, Promotion)
    assert re.fullmatch("[0-9a-f]{40}", change.release.source), change.release.source


@pytest.mark.parametrize("kind", ["tildes", "lines"])
def test_a_source_that_is_no_sha_comes_to_no_commit(deployed: World, kind: str) -> None:
    run = walk(deployed, to="dev", release=LATEST)
    lies(run, release_id=NO_RELEASE, source=named(deployed, kind))
    entry = run.to_end()
    commit = deployed.lab.commits()[0]
    assert not commit.trailers.get("Promotion-Approved-By"), commit.message
    assert re.fullmatch("[0-9a-f]{40}", entry.source), entry


def test_a_liar_brings_no_values_to_dev_that_were_never_a_release_and_were_taken_back(deployed: World) -> None:
    """rosa requested the newest; nothing asks people in dev."""
    good = values("base", "1.4.2")
    bad = values("base", "1.4.2")
    bad["application"]["name"] = good["application"]["name"]
    bad["application"]["backdoor"] = True
    broken = deployed.lab.commit({"configs/base/values.json": text(bad)})
    deployed.lab.commit({"configs/base/values.json": text(good)})
    run = walk(deployed, by="rosa", to="dev", release=LATEST)
    lies(run, release_id=NO_RELEASE, source=broken)
    change = run.begin()
    assert isinstance(change, Promotion)
    run.to_end()
    assert "backdoor" not in deployed.lab.json("dev")["application"]
    assert change.release.source != broken


def test_a_release_that_was_taken_back_in_its_file_while_it_waits_does_not_go_on_by_itself(deployed: World) -> None:
    """A freeze window, no approval: a person reverts the release in configs/base meanwhile."""
    at = deployed.at.clock.now()
    freeze = {"cron": f"{at.minute} {at.hour} * * *", "for": "2h", "timezone": "UTC"}
    deployed.lab.commit({"liftgate.json": text(configured(deployed.lab, policy={"dev": {"freeze": [freeze]}}))})
    released(deployed, "1.5.0")
    run = walk(deployed, by="rosa", to="dev", release=LATEST)
    change = run.begin()
    plan = run.plan(change)
    decision = approvals.gate(run.at, change, plan)
    assert decision.waits, decision
    approvals.ask(run.at, change, plan, decision)
    deployed.suspended(run.run, plan, form=True, until=decision.until)
    released(deployed, "1.4.2")
    deployed.lab.commit({"liftgate.json": text(configured(deployed.lab, policy={}))})
    asked_by_version = walk(deployed, by="rosa", to="dev", release="1.5.0")
    with pytest.raises(Refused):
        asked_by_version.begin()
    entry = run.to_end()
    assert entry.version == "1.4.2", entry
    assert deployed.lab.version("dev") == "1.4.2"


@pytest.mark.parametrize("number", range(2))
def test_the_release_that_waits_now_is_kept_and_not_that_of_an_earlier_gate(deployed: World, number: int) -> None:
    """The first one is lost, the branch was rewritten; people approved the second."""
    gates(deployed, "dev")
    released(deployed, f"1.5.{number}")
    run = walk(deployed, by="rosa", to="dev", release=LATEST)
    lies(run, release_id=NO_RELEASE, source="f" * 40, version=f"9.9.{number}")
    _, seen, _ = run.asks()
    deployed.lab.vote(run.run, "ada", plan=seen.hash)
    released(deployed, f"1.6.{number}")
    change = run.begin()
    assert (version(change), run.plan(change).hash) == (f"1.5.{number}", seen.hash)


def test_of_a_rewritten_branch_the_release_that_waits_is_kept(deployed: World) -> None:
    """Honest: no note of a liar."""
    lost = 0
    for number in range(3):
        gates(deployed, "dev")
        before = deployed.lab.remote.head
        released(deployed, f"1.5.{number}")
        run, _ = waits(deployed, "dev")
        files = {"configs/base/values.json": text(values("base", f"1.6.{number}"))}
        deployed.lab.push(deployed.lab.remote.write(before, files, "rewritten\n", NOW, AUTHOR, None))
        _, seen, _ = run.asks()
        assert seen.version == f"1.6.{number}"
        deployed.lab.vote(run.run, "ada", plan=seen.hash)
        released(deployed, f"1.7.{number}")
        lost += version(run.begin()) != f"1.6.{number}"
        deployed.put(run.run, "CANCELLED")
    assert not lost


def poisoned(world: World) -> str:
    """A moving name of 40 characters for the newest commit."""
    ref = world.at.git.ref
    rest = 40 - len(ref)
    return ref + ("~00" if rest % 2 else "~0") + "~0" * ((rest - 2) // 2)


@pytest.mark.parametrize("is_poisoned", [False, True])
def test_who_wrote_a_release_may_not_approve_it_whatever_a_liar_noted_before(
    deployed: World, *, is_poisoned: bool
) -> None:
    gates(deployed, "dev")
    run = walk(deployed, by="rosa", to="dev", release=LATEST)
    if is_poisoned:
        source = poisoned(deployed)
        honest = run.plan(run.begin())
        number = 0
        while gate_name(
            (lie := honest.copy_with(release_id=NO_RELEASE, source=source, version=f"{number}")).hash
        ) > gate_name(honest.hash):
            number += 1
        Notes(run.at.runs, run.run).keep_plan(lie)
    _, plan, _ = run.asks()
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    entry = run.to_end()
    assert entry.good
    by_hand.commit(deployed.lab, {"configs/base/values.json": text(values("base", "1.4.3"))})
    second = walk(deployed, by="rosa", to="dev", release=LATEST, allow_downgrade=True)
    change, plan, _ = second.asks()
    deployed.lab.vote(second.run, "ada", plan=plan.hash)
    decision = approvals.gate(second.at, change, plan)
    assert not decision.opens, decision


@pytest.mark.parametrize("kind", ["tildes", "lines"])
def test_a_run_goes_on_after_its_commit_whatever_a_liar_noted(deployed: World, kind: str) -> None:
    run = walk(deployed, to="dev", release=LATEST)
    lies(run, release_id=NO_RELEASE, source=named(deployed, kind))
    change, plan, decision = run.to_gate()
    committed = run.commit(change, plan, decision)
    assert run.begin().revision == committed.revision


def test_a_liar_brings_nothing_older_to_dev(deployed: World) -> None:
    bad = values("base", "1.4.2")
    bad["application"]["backdoor"] = True
    broken = deployed.lab.commit({"configs/base/values.json": text(bad)})
    deployed.lab.commit({"configs/base/values.json": text(values("base", "1.4.2"))})
    walk(deployed, by="rosa", to="dev", release=LATEST).to_end()
    run = walk(deployed, by="rosa", to="dev", release=LATEST)
    Notes(run.at.runs, run.run).keep_plan(planned(run.at, run.begin()).copy_with(release_id=NO_RELEASE, source=broken))
    assert planned(run.at, run.begin()).is_empty, "it is still about the newest, which dev has"


def test_another_promotion_ends_one_whose_release_was_taken_back_in_its_file(deployed: World) -> None:
    """As the guide says: to bring that one, start another promotion."""
    walk(deployed, by="rosa", to="dev", release=LATEST).to_end()
    at = deployed.at.clock.now()
    freeze = {"cron": f"{at.minute} {at.hour} * * *", "for": "2h", "timezone": "UTC"}
    deployed.lab.commit({"liftgate.json": text(configured(deployed.lab, policy={"dev": {"freeze": [freeze]}}))})
    released(deployed, "1.4.3")
    run, _ = waits(deployed, "dev")
    released(deployed, "1.4.2")
    other = walk(deployed, by="rosa", to="dev", release=LATEST)
    plan = planned(other.at, other.begin())
    assert not plan.is_empty or version(run.begin()) == "1.4.2"


def test_a_newer_release_is_no_downgrade_whatever_a_liar_noted_before(deployed: World) -> None:
    run = walk(deployed, by="rosa", to="dev", release=LATEST)
    lies(run, release_id=NO_RELEASE, source=poisoned(deployed))
    assert run.to_end().good
    released(deployed, "1.4.3")
    assert walk(deployed, by="rosa", to="dev", release=LATEST).to_end().version == "1.4.3"


def test_a_named_release_is_no_expression_of_git(deployed: World) -> None:
    """The same by the parameter of a run that anyone who can write to Prefect starts; older than the kept releases."""
    run = walk(deployed, to="dev", release=poisoned(deployed))
    with pytest.raises(Refused):
        run.to_end()
