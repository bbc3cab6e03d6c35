"""What opens a gate, for the run itself: proven votes on this plan, and what the policy allows besides."""

from __future__ import annotations

import html

from liftgate_sandbox.town import PROJECT

from liftgate.domain.approval.gate import Decision
from liftgate.domain.ledger.ledger import Times
from liftgate.domain.promotion.attempt import Promotion
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git import pauses
from liftgate.services import approvals
from liftgate.services.outcomes import Result
from liftgate.services.recovery import Recovery
from tests.examples import NOW, entry, text
from tests.integrations.conftest import AUTHOR
from tests.lab import configured
from tests.server.world import World
from tests.services.walk import BY_PULL_REQUEST, Walk, at_gate, gated, page, walk
from tests.signed import resume_promotions

TTL = "/application/environment/configs/cache/ttl"


def woken(run: Walk, *answers: bool) -> Decision:
    """It begins again, with these answers of Prefect's own form, and asks the gate."""
    change = run.begin()
    return approvals.gate(run.at, change, run.plan(change), answers)


def test_a_refusal_ends_it_and_nothing_is_changed(deployed: World) -> None:
    run, change, plan = at_gate(deployed, deliver=BY_PULL_REQUEST)
    deployed.lab.vote(run.run, "grace", "reject", plan=plan.hash)
    decision = woken(run)
    assert (decision.state, decision.reason) == ("refused", "rejected by grace")
    ended = run.end(change, Result.closed(decision, plan))
    assert (ended.outcome, ended.sentence, ended.revision) == ("refused", "Refused: rejected by grace", "")
    assert deployed.lab.version("dev") == "1.4.1"
    assert deployed.lab.entries("dev") == [ended]
    mirror = deployed.lab.remote
    assert not mirror.resolve(f"refs/heads/liftgate/promotions/{run.run}"), "the pull request's branch is left behind"


def test_neither_the_requester_nor_a_forged_vote_opens_it(deployed: World) -> None:
    run, _, plan = at_gate(deployed)
    deployed.lab.vote(run.run, "rosa", plan=plan.hash)
    deployed.at.runs.add_input(run.run, "vote-x", '{"statement": {}}')
    decision = woken(run)
    assert (decision.waits, decision.approved_by) == (True, ())
    assert (deployed.lab.version("dev"), deployed.lab.entries("dev")) == ("1.4.1", [])
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    decision = woken(run)
    assert (decision.opens, decision.approved_by) == (True, ("grace",))


def test_prefects_own_form_counts_only_where_policy_allows_an_unproven_person(deployed: World) -> None:
    run, _, _ = at_gate(deployed)
    assert [woken(run, *answers).waits for answers in ((), (True,), (True, True))] == [True] * 3
    gated(deployed, unproven=True)
    assert [woken(run, *answers).opens for answers in ((), (False,), (True,))] == [False, False, True]


def test_an_unproven_requester_takes_two_people(deployed: World) -> None:
    """One of them may be the person who is named, as nobody proved that she asked."""
    gated(deployed)
    run = walk(deployed, to="dev", requested_by="grace")
    _, plan, _ = run.asks()
    deployed.lab.vote(run.run, "grace", plan=plan.hash)
    assert woken(run).waits
    deployed.lab.vote(run.run, "ada", plan=plan.hash)
    assert woken(run).approved_by == ("grace", "ada")


def test_an_update_of_prod_waits_like_everything_else(deployed: World) -> None:
    run = walk(deployed, "update", by="rosa", environment="prod", changes={TTL: 600})
    change, plan, decision = run.to_gate()
    assert (decision.waits, deployed.lab.version("prod")) == (True, "1.4.1")
    deployed.lab.vote(run.run, "ada", plan=plan.hash)
    run.commit(change, plan, woken(run))
    assert deployed.lab.json("prod")["application"]["environment"]["configs"]["cache"]["ttl"] == 600


def test_what_was_approved_is_not_committed_while_promotions_are_paused(deployed: World) -> None:
    """Paused before the gate looks, or in the last moment before the commit."""
    run, change, plan = at_gate(deployed)
    mirror = deployed.lab.remote
    deployed.lab.vote(run.run, "ada", plan=plan.hash)
    opened = woken(run)
    assert opened.opens
    pauses.add_pause(mirror, "dev", "incident 7", AUTHOR, NOW)
    assert run.commit(change, plan, opened).revision == ""
    decision = woken(run)
    assert (decision.waits, "incident 7" in decision.reason) == (True, True)
    assert "incident 7" in page(deployed, run.run)
    assert (deployed.lab.entries("dev"), deployed.lab.version("dev")) == ([], "1.4.1")
    assert Recovery(deployed.at).look(deployed.read(run.run)).action == "leave alone"
    resume_promotions(deployed.lab, "dev")
    deployed.at.git.fetch()
    assert Recovery(deployed.at).look(deployed.read(run.run)).action == "wake"
    assert run.commit(change, plan, woken(run)).revision
    assert deployed.lab.version("dev") == "1.4.2"


def test_a_pause_of_everything_holds_what_needs_no_approval(deployed: World) -> None:
    run, mirror = walk(deployed, to="dev"), deployed.lab.remote
    change = run.begin()
    plan, decision = run.plan(change), woken(run)
    assert decision.opens
    pauses.add_pause(mirror, "", "incident 7", AUTHOR, NOW)
    assert run.commit(change, plan, decision).revision == ""
    assert woken(run).waits
    assert deployed.lab.version("dev") == "1.4.1"
    resume_promotions(deployed.lab)
    assert run.commit(change, plan, woken(run)).revision


def test_what_waits_for_a_sync_window_is_woken_when_it_opens(deployed: World) -> None:
    project = deployed.lab.town.argocd.state.projects[PROJECT]["spec"]
    project["syncWindows"] = [{"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}]
    head = deployed.lab.commits()[0].sha
    run = walk(deployed, to="dev")
    run.asks()
    closed = "Argo CD's sync window blocks example-app-dev"
    assert closed in html.unescape(page(deployed, run.run))
    assert deployed.lab.commits()[0].sha == head
    assert Recovery(deployed.at).look(deployed.read(run.run)).action == "leave alone", "the window is closed"
    project["syncWindows"] = []
    run.at = deployed.another()
    run.at.git.fetch()
    assert Recovery(run.at).look(deployed.read(run.run)).action == "wake"
    assert deployed.resumes(run.run) == 1
    assert woken(run).opens


def test_what_must_soak_is_woken_when_it_has(deployed: World) -> None:
    """Nobody waits an hour here: that it must soak is taken out of the policy."""
    policy = {"staging": {"soak": "1h"}, "prod": {"start": "manual"}}
    deployed.lab.commit({"liftgate.json": text(configured(deployed.lab, policy=policy))})
    release = walk(deployed, to="dev").begin()
    assert isinstance(release, Promotion)
    now = SystemClock().now()
    times = Times(requested=now, committed=now, synced=now, verified=now, finished=now)
    of = {"release": release.release.id, "source": release.release.source}
    deployed.record(entry(environment="dev", revision="", times=times, **of))
    run = walk(deployed, to="staging")
    run.asks()
    assert "soaks until" in page(deployed, run.run)
    assert Recovery(deployed.at).look(deployed.read(run.run)).action == "leave alone", "it is too early"
    deployed.lab.commit({"liftgate.json": text(configured(deployed.lab, policy=policy | {"staging": {}}))})
    deployed.at.git.fetch()
    assert Recovery(deployed.at).look(deployed.read(run.run)).action == "wake"
    assert woken(run).opens
