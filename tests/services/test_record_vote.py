"""Decisions, their order, and what 20 people pressing at once come to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from liftgate.domain.approval import vote
from liftgate.domain.approval.vote import gate_name, vote_key
from liftgate.integrations.git import pauses
from liftgate.services.record_vote import Answer, record_vote
from tests.examples import NOW, text
from tests.lab import configured
from tests.server.world import World


def by(world: World, person: str, run: str, plan: str, decision: vote.Decision = "approve", **more: Any) -> Answer:
    said: dict[str, Any] = {"person": person, "decision": decision, "shown": world.shown(run, plan)} | more
    return record_vote(world.at, promotion_id=run, plan=plan, through="api", **said)


def test_the_last_approval_that_is_needed_wakes_the_run(world: World) -> None:
    run, plan = world.waiting()
    answer = by(world, "ada", run, plan, reason="looks good")
    assert answer.accepted
    assert answer.sentence.endswith("; it continues")
    assert (world.votes(run), world.resumes(run)) == (["ada"], 1)
    assert world.read(run).state == "SCHEDULED"


def test_a_refusal_wakes_the_run_too(world: World) -> None:
    run, plan = world.waiting()
    assert by(world, "ada", run, plan, "reject").sentence.startswith("you rejected ")
    assert world.resumes(run) == 1


def test_two_people_are_needed_where_nobody_proved_who_asked(world: World) -> None:
    run, plan = world.waiting(requested_by="")
    assert "; it waits: needs 1 approval: ada, grace or rosa" in by(world, "ada", run, plan).sentence
    assert world.read(run).state == "PAUSED"
    again = by(world, "ada", run, plan)
    assert not again.accepted
    assert again.sentence.startswith("you have already approved this; it waits: needs 1 approval")
    assert by(world, "grace", run, plan).accepted
    assert world.resumes(run) == 1


def test_who_approves_during_a_pause_is_told_that_it_holds_the_promotion(world: World) -> None:
    pauses.add_pause(world.lab.remote, "", "incident 7", world.at.server_author, NOW)
    world.fetch()
    run, plan = world.waiting()
    assert "; it waits: promotions are paused by " in by(world, "ada", run, plan).sentence


@pytest.mark.parametrize(
    ("person", "why"),
    [("rosa", "requested this promotion"), ("mallory", "is not in people"), ("U01ADA", "is not in people")],
)
def test_who_may_not_decide_is_told_why_and_leaves_nothing(world: World, person: str, why: str) -> None:
    run, plan = world.waiting()
    answer = by(world, person, run, plan)
    assert not answer.accepted
    assert why in answer.sentence
    assert world.votes(run) == []


def test_somebody_taken_off_the_list_a_moment_ago_may_not_decide(world: World) -> None:
    run, plan = world.waiting()
    rules = {"prod": {"approvals": {"needed": 1, "from": ["grace"]}}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=rules))})
    assert by(world, "ada", run, plan).sentence == "ada may not decide here; grace may"


def test_a_plan_that_is_not_the_one_the_run_waits_with_takes_no_decision(world: World) -> None:
    run, _ = world.waiting()
    assert "the plan has changed" in by(world, "ada", run, "sha256:" + "0" * 64).sentence
    assert world.votes(run) == []


def test_a_run_that_waits_for_nobody_takes_no_decision(world: World) -> None:
    run, plan = world.waiting()
    world.put(run, "CANCELLED")
    assert "waits for no decision" in by(world, "ada", run, plan).sentence
    unknown = "00000000-0000-4000-8000-000000000000"
    assert by(world, "ada", unknown, plan).sentence == f"there is no promotion {unknown}"


def test_twenty_clicks_of_two_people_are_two_votes_and_one_waking(world: World) -> None:
    run, plan = world.waiting(requested_by="")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: by(world, ("ada", "grace")[n % 2], run, plan), range(20)))
    assert sum(answer.accepted for answer in answers) == 2
    assert (sorted(world.votes(run)), world.resumes(run)) == (["ada", "grace"], 1)


def test_what_somebody_else_wrote_under_a_persons_name_is_no_vote(world: World) -> None:
    run, plan = world.waiting()
    world.at.runs.add_input(
        run, vote_key(gate_name(plan), world.shown(run, plan), "ada"), '{"statement": {}, "signature": ""}'
    )
    answer = by(world, "ada", run, plan)
    assert not answer.accepted
    assert "does not count" in answer.sentence
    assert world.read(run).state == "PAUSED"


def test_a_vote_whose_waking_was_lost_is_made_good_by_the_sweep(world: World) -> None:
    run, plan = world.waiting()
    world.lab.vote(run, "ada", plan=plan)
    assert world.read(run).state == "PAUSED"
    assert [need.action for need in world.recovery().once()] == ["wake"]
    assert world.resumes(run) == 1
