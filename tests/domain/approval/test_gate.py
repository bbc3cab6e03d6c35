"""The rules about approvals, over any votes by anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain.approval.author import Authors
from liftgate.domain.approval.ballot import Ballot, may_vote, needed, too_few
from liftgate.domain.approval.gate import Decision, GateContext, decide, upstream
from liftgate.domain.approval.policy import Approvals, Policy
from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.sync_window import Closed, Windows
from liftgate.domain.approval.vote import Vote
from tests.examples import NOW

PEOPLE = ("ada", "grace", "rosa", "linus")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
names = some.sampled_from(PEOPLE)
requesters = some.builds(Requester, name=names, proof=some.sampled_from(["server", "forge", "schedule", "claimed"]))
votes = some.lists(some.tuples(names, some.sampled_from(["approve", "approve", "reject"])), max_size=8)
rules = some.builds(
    lambda count, people: Approvals.model_validate({"needed": count, "from": people}),
    some.integers(0, 3),
    some.lists(names, unique=True, max_size=4),
)


def vote(person: str, decision: str = "approve") -> Vote:
    seen = {"plan": "sha256:g", "shown": "sha256:s", "through": "page"}
    return Vote.model_validate(seen | {"run": "r", "person": person, "decision": decision, "at": NOW})


def gate_context(
    rule: Approvals, requester: Requester, cast: list[tuple[str, str]], *, age: timedelta = DAY / 2
) -> GateContext:
    return GateContext(
        environment="prod",
        policy=Policy(approvals=rule),
        requester=requester,
        votes=tuple(vote(*each) for each in cast),
        opened=NOW - age,
        now=NOW,
        deadline=DAY,
    )


@given(rules, requesters, votes)
def test_it_opens_only_with_enough_different_people_who_are_not_the_requester(
    rule: Approvals, requester: Requester, cast: list[tuple[str, str]]
) -> None:
    decision = decide(gate_context(rule, requester, cast))
    others = {name for name, what in cast if what == "approve" and name != requester.name}
    if decision.opens:
        assert len(others) >= rule.needed
        assert not rule.people or len(others & set(rule.people)) >= rule.needed


@given(rules, requesters, votes)
def test_a_vote_that_does_not_count_changes_nothing(
    rule: Approvals, requester: Requester, cast: list[tuple[str, str]]
) -> None:
    ballot = Ballot(approvals=rule, requester=requester, authors=Authors())
    counted = [each for each in cast if may_vote(each[0], ballot).passed]
    with_all, without = decide(gate_context(rule, requester, cast)), decide(gate_context(rule, requester, counted))
    assert with_all.state == without.state


@given(rules, requesters, votes)
def test_one_refusal_that_counts_or_too_few_people_close_it_whatever_the_others_say(
    rule: Approvals, requester: Requester, cast: list[tuple[str, str]]
) -> None:
    ballot = Ballot(approvals=rule, requester=requester, authors=Authors())
    refused = any(what == "reject" and may_vote(name, ballot).passed for name, what in cast)
    closed = refused or bool(too_few("prod", ballot))
    assert (decide(gate_context(rule, requester, cast)).state == "refused") == closed


@given(rules, requesters, votes, names)
def test_one_more_approval_never_closes_what_is_open(
    rule: Approvals, requester: Requester, cast: list[tuple[str, str]], more: str
) -> None:
    if decide(gate_context(rule, requester, cast)).opens:
        assert decide(gate_context(rule, requester, [*cast, (more, "approve")])).opens


@given(rules, requesters)
def test_nobody_needed_is_nobody_asked(rule: Approvals, requester: Requester) -> None:
    assert (needed(Ballot(approvals=rule, requester=requester, authors=Authors())) == 0) == (rule.needed == 0)


def test_what_nobody_decides_expires_and_what_is_decided_does_not() -> None:
    rule, rosa = Approvals(needed=1), Requester(name="rosa", proof="server")
    assert decide(gate_context(rule, rosa, [], age=2 * DAY)).state == "expired"
    assert decide(gate_context(rule, rosa, [("ada", "approve")], age=2 * DAY)).opens
    assert decide(gate_context(rule, rosa, [])).reason == "needs 1 approval: anyone but the requester"


def held(age: timedelta, verified_for: timedelta | None = None, *people: str, **policy: Any) -> Decision:
    """As decided now for a gate of that age, where one person is needed."""
    asked = gate_context(Approvals(needed=1), Requester(name="rosa", proof="server"), [], age=age)
    changes = {
        "policy": Policy.model_validate({"approvals": {"needed": 1}, **policy}),
        "votes": tuple(vote(person) for person in people),
        "verified": {"staging": NOW - verified_for} if verified_for else {},
    }
    return decide(asked.copy_with(**changes))


def test_a_release_soaks_and_votes_count_meanwhile() -> None:
    early = held(MINUTE, 10 * MINUTE, "ada", soak="30m")
    assert early.waits
    assert early.reason == f"soaks until {NOW + 20 * MINUTE:%a %d %b %H:%M} UTC, 30 min after it was verified upstream"
    assert held(MINUTE, 30 * MINUTE, "ada", soak="30m").opens
    assert held(MINUTE, None, "ada", soak="30m").opens, "what comes after no environment has nothing to soak in"


def test_all_that_it_waits_for_is_said_at_once() -> None:
    assert held(MINUTE, MINUTE, soak="1h").reason.startswith("needs 1 approval: anyone but the requester; soaks until")


def test_a_refusal_closes_it_also_while_it_soaks() -> None:
    asked = gate_context(Approvals(needed=0), Requester(name="rosa", proof="server"), [("ada", "reject")])
    policy = Policy.model_validate({"approvals": {}, "soak": "1h"})
    soaking = asked.copy_with(policy=policy, verified={"staging": NOW})
    assert decide(soaking).state == "refused"


def test_in_a_freeze_window_nothing_opens_and_the_end_is_named() -> None:
    window = {"cron": f"{NOW.minute} {NOW.hour} * * *", "for": "2h"}
    frozen = held(MINUTE, None, "ada", freeze=[window])
    assert frozen.reason == f"frozen until {NOW + 120 * MINUTE:%a %d %b %H:%M} UTC"
    assert held(MINUTE, None, "ada", freeze=[window | {"cron": f"{NOW.minute} {(NOW.hour + 1) % 24} * * *"}]).opens


def test_people_have_their_whole_time_after_what_they_cannot_hasten() -> None:
    assert held(2 * DAY).state == "expired"
    assert held(2 * DAY, 2 * DAY, soak="36h").waits, "half a day since it had soaked"
    yesterday = NOW - DAY / 2
    window = {"cron": f"{yesterday.minute} {yesterday.hour} * * *", "for": "2h"}
    assert held(2 * DAY, freeze=[window]).waits, "the window ended ten hours ago"
    assert held(2 * DAY, 3 * DAY, soak="36h").until is None


def test_prefects_form_counts_only_where_policy_says_so() -> None:
    rosa = Requester(name="rosa")
    asked = gate_context(Approvals(needed=1), rosa, []).copy_with(unproven=(True, False))
    assert decide(asked).waits
    lenient = asked.copy_with(policy=Policy(approvals=Approvals(needed=1, unproven=True)))
    assert decide(lenient).state == "refused"
    assert decide(lenient.copy_with(unproven=(True,))).opens


def test_what_is_not_verified_upstream_is_refused_whatever_else_holds_and_the_next_thing_to_do_is_named() -> None:
    verified = {"dev": NOW, "staging": None}
    asked = gate_context(Approvals(needed=1), Requester(name="rosa", proof="server"), [("ada", "approve")])
    lost = asked.copy_with(verified=verified, version="1.4.2", windows=CLOSED)
    assert decide(lost).state == "refused"
    assert decide(lost).reason == (
        "1.4.2 is not verified in staging, so it may not go to prod; promote it to staging first"
    )
    assert upstream(asked).reason == "it has no upstream environment"


def test_the_time_that_the_waiting_run_gave_is_never_cut_short() -> None:
    """A sync window that is over leaves no trace in Argo CD: the run alone knew how long it would be closed."""
    asked = gate_context(Approvals(needed=1), Requester(name="rosa", proof="server"), [], age=5 * DAY)
    assert decide(asked).state == "expired"
    assert decide(asked.copy_with(until=NOW + MINUTE)).until == NOW + MINUTE
    assert decide(asked.copy_with(until=NOW - MINUTE)).state == "expired"


CLOSED = Windows(closed=(Closed(application="shop", windows=("deny 0 18 * * FRI for 62h",), until=NOW + 2 * DAY),))


def held_by(windows: Windows, cast: list[tuple[str, str]], *, age: timedelta = DAY / 2) -> Decision:
    one = gate_context(Approvals(needed=1), Requester(name="rosa", proof="server"), cast, age=age)
    return decide(one.copy_with(windows=windows))


def test_a_closed_sync_window_is_waited_for_and_not_decided_against() -> None:
    decision = held_by(CLOSED, [("ada", "approve")], age=5 * DAY)
    assert (decision.state, decision.until) == ("waiting", NOW + 3 * DAY)
    assert "Argo CD's sync window blocks shop until" in decision.reason
    assert held_by(Windows(), [("ada", "approve")]).opens


def test_an_argo_cd_that_gives_no_answer_is_waited_for() -> None:
    decision = held_by(Windows(unknown="Argo CD gave no answer in time"), [("ada", "approve")], age=5 * DAY)
    assert (decision.state, decision.until) == ("waiting", NOW + DAY)
    assert "Argo CD gave no answer in time" in decision.reason


def test_a_refusal_counts_while_a_window_is_closed() -> None:
    assert held_by(CLOSED, [("ada", "reject")]).state == "refused"
