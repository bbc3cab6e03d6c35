"""The rules about approvals, over any votes by anybody."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain.gate import Ballot, decide, may_vote, needed, upstream
from liftgate.domain.policy import Approvals, Policy
from liftgate.domain.promotion import Requester
from liftgate.domain.vote import Vote
from tests.examples import NOW

PEOPLE = ("ada", "grace", "rosa", "linus")
DAY = timedelta(days=1)
names = some.sampled_from(PEOPLE)
requesters = some.builds(Requester, name=names, proof=some.sampled_from(["gatehouse", "forge", "schedule", "claimed"]))
votes = some.lists(some.tuples(names, some.sampled_from(["approve", "approve", "refuse"])), max_size=8)
rules = some.builds(
    lambda count, people: Approvals.model_validate({"needed": count, "from": people}),
    some.integers(0, 3),
    some.lists(names, unique=True, max_size=4),
)


def vote(person: str, decision: str = "approve") -> Vote:
    return Vote.model_validate(
        {"run": "r", "gate": "g", "person": person, "decision": decision, "at": NOW, "through": "page"}
    )


def ballot(rule: Approvals, requester: Requester, cast: list[tuple[str, str]], *, age: timedelta = DAY / 2) -> Ballot:
    return Ballot(
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
    decision = decide(ballot(rule, requester, cast))
    others = {name for name, what in cast if what == "approve" and name != requester.name}
    if decision.opens:
        assert len(others) >= rule.needed
        assert not rule.people or len(others & set(rule.people)) >= rule.needed


@given(rules, requesters, votes)
def test_a_vote_that_does_not_count_changes_nothing(
    rule: Approvals, requester: Requester, cast: list[tuple[str, str]]
) -> None:
    counted = [each for each in cast if may_vote(each[0], requester, rule).passed]
    with_all, without = decide(ballot(rule, requester, cast)), decide(ballot(rule, requester, counted))
    assert with_all.state == without.state


@given(rules, requesters, votes)
def test_one_refusal_that_counts_closes_it_whatever_the_others_say(
    rule: Approvals, requester: Requester, cast: list[tuple[str, str]]
) -> None:
    refused = any(what == "refuse" and may_vote(name, requester, rule).passed for name, what in cast)
    assert (decide(ballot(rule, requester, cast)).state == "refused") == refused


@given(rules, requesters, votes, names)
def test_one_more_approval_never_closes_what_is_open(
    rule: Approvals, requester: Requester, cast: list[tuple[str, str]], more: str
) -> None:
    if decide(ballot(rule, requester, cast)).opens:
        assert decide(ballot(rule, requester, [*cast, (more, "approve")])).opens


@given(rules, requesters)
def test_nobody_needed_is_nobody_asked(rule: Approvals, requester: Requester) -> None:
    assert (needed(rule, requester) == 0) == (rule.needed == 0)


def test_what_nobody_decides_expires_and_what_is_decided_does_not() -> None:
    rule, rosa = Approvals(needed=1), Requester(name="rosa", proof="gatehouse")
    assert decide(ballot(rule, rosa, [], age=2 * DAY)).state == "expired"
    assert decide(ballot(rule, rosa, [("ada", "approve")], age=2 * DAY)).opens
    assert decide(ballot(rule, rosa, [])).reason == "waits for 1 approval by anybody but the requester"


def test_prefects_form_counts_only_where_policy_says_so() -> None:
    rosa = Requester(name="rosa")
    asked = ballot(Approvals(needed=1), rosa, []).model_copy(update={"unproven": (True, False)})
    assert decide(asked).waits
    lenient = asked.model_copy(update={"policy": Policy(approvals=Approvals(needed=1, unproven=True))})
    assert decide(lenient).state == "refused"
    assert decide(lenient.model_copy(update={"unproven": (True,)})).opens


def test_what_is_not_verified_upstream_is_named_with_the_next_thing_to_do() -> None:
    verdict = upstream([("dev", True), ("staging", False)], "prod", "1.4.2")
    assert verdict.reason == ("1.4.2 is not verified in staging, so it may not go to prod; promote it to staging first")
