"""The gates of a person's own change: reviews of exactly this head, a pause, a freeze, and what a release owns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain.approval.author import Authors, Directory
from liftgate.domain.approval.change_gates import (
    HandChange,
    change_gates,
    each_gate,
    gate_context,
    not_in_people,
    verified_upstream,
)
from liftgate.domain.approval.pause import Pause
from liftgate.domain.approval.policy import Approvals, Person, Policy
from liftgate.domain.approval.review import Review
from tests.examples import NOW, entry

HEAD = "a" * 40
PEOPLE = {name: Person.model_validate({"github": f"{name}-l"}) for name in ("ada", "grace", "rosa", "tom")}
DIRECTORY = Directory.of(PEOPLE, lambda person: person.account("github"))
NEEDS_ONE = Policy(approvals=Approvals.model_validate({"needed": 1, "from": ["ada", "grace"]}))


def review(login: str, state: str = "approved", commit: str = HEAD, text: str = "") -> Review:
    return Review.model_validate({"login": login, "state": state, "commit": commit, "text": text})


def change(*reviews: Review, **fields: Any) -> HandChange:
    return HandChange(**{"environment": "prod", "head": HEAD, "author": "rosa-l", "reviews": reviews} | fields)


def test_an_approving_review_of_this_head_opens_the_gate_and_names_the_reviewer() -> None:
    decision = change_gates(change(review("Ada-L")), NEEDS_ONE, DIRECTORY, NOW)
    assert (decision.state, decision.approved_by) == ("open", ("ada",))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(change(), id="no review"),
        pytest.param(change(review("ada-l", commit="b" * 40)), id="of an earlier head"),
        pytest.param(change(review("ada-l"), review("ada-l", "dismissed")), id="dismissed"),
        pytest.param(change(review("stranger")), id="not in people"),
        pytest.param(change(review("ada")), id="a login that is a name in people"),
        pytest.param(change(review("tom-l")), id="may not approve there"),
        pytest.param(change(review("ada-l"), author="ada-l"), id="opened it"),
        pytest.param(change(review("ada-l"), authors=Authors(people=("ada",))), id="wrote a part of it"),
        pytest.param(change(review("ada-l"), author=""), id="who opened it is not known: one more is needed"),
        pytest.param(change(review("ada-l"), head=""), id="a push has no reviews"),
    ],
)
def test_it_waits_for_an_approval_that_counts(given: HandChange) -> None:
    decision = change_gates(given, NEEDS_ONE, DIRECTORY, NOW)
    assert (decision.state, decision.until) == ("waiting", None)
    assert "needs 1 approval" in decision.reason


def test_two_approvals_are_enough_where_it_is_not_known_who_opened_it() -> None:
    assert change_gates(change(review("ada-l"), review("grace-l"), author=""), NEEDS_ONE, DIRECTORY, NOW).opens


def test_a_request_for_changes_closes_the_gate_with_its_first_line() -> None:
    text = "use 3 replicas\npassword=hunter2hunter2"
    decision = change_gates(change(review("ada-l", "changes requested", text=text)), NEEDS_ONE, DIRECTORY, NOW)
    assert decision.state == "refused"
    assert "rejected by ada: use 3 replicas" in decision.reason


def test_reviews_of_accounts_that_people_does_not_have_are_named() -> None:
    assert not_in_people(change(review("ada-l"), review("stranger")), DIRECTORY) == ("stranger",)


def test_a_team_of_one_person_approves_by_opening_the_pull_request() -> None:
    rule = Approvals.model_validate({"needed": 1, "from": ["ada"], "author": "allowed"})
    own = change(author="ada-l", authors=Authors(people=("ada",)))
    assert change_gates(own, Policy(approvals=rule), DIRECTORY, NOW).opens
    assert not change_gates(change(author="rosa-l"), Policy(approvals=rule), DIRECTORY, NOW).opens


def test_pause_and_freeze_hold_it_and_an_unknown_author_is_refused_where_the_policy_says_so() -> None:
    pause = Pause(reason="moving", by="grace", since=NOW)
    policy = Policy.model_validate(
        {"freeze": [{"cron": f"0 {NOW.hour} * * *", "for": "2h"}], "unknown_author": "refuse"}
    )
    held = change_gates(change(pause=pause), policy, DIRECTORY, NOW)
    assert held.waits
    assert "paused by grace" in held.reason
    assert "frozen until" in held.reason
    assert change_gates(change(authors=Authors(unknown=("Eve",))), policy, DIRECTORY, NOW).state == "refused"
    named = each_gate(change(pause=pause, authors=Authors(unknown=("Eve",))), policy, DIRECTORY, NOW)
    states = {"pause": "pending", "freeze": "pending", "authors": "failed", "approvals": "passed"}
    assert {name: verdict.state for name, verdict in named.items()} == states


def test_values_of_a_release_must_be_verified_upstream_and_soak() -> None:
    policy = Policy.model_validate({"after": ["staging"], "soak": "1h"})
    other = [entry(environment="staging", release="sha256:other")]
    same = [entry(environment="staging", release="sha256:new")]

    def decided(entries: list[Any], before: str, after: timedelta) -> str:
        found = verified_upstream(entries, "example-app", policy, before=before, after="sha256:new")
        return change_gates(change(verified=found), policy, DIRECTORY, NOW + after).state

    assert decided(other, "sha256:new", timedelta()) == "open", "the environment's own values have no upstream"
    assert decided(other, "sha256:old", timedelta()) == "refused"
    assert decided(same, "sha256:old", timedelta()) == "waiting"
    assert decided(same, "sha256:old", timedelta(days=9)) == "open"


logins = some.sampled_from(["ada-l", "grace-l", "rosa-l", "tom-l", "ada", "stranger"])
given_reviews = some.lists(
    some.builds(review, logins, some.sampled_from(["approved", "changes requested", "dismissed", "other"]),
                some.sampled_from([HEAD, "b" * 40])),
    max_size=8,
)  # fmt: skip


@given(given_reviews, some.sampled_from(["ada-l", "rosa-l", "stranger", ""]), some.integers(0, 2))
def test_it_opens_only_with_enough_people_of_the_policy_who_neither_opened_nor_wrote_it(
    reviews: list[Review], author: str, needed: int
) -> None:
    rule = Approvals.model_validate({"needed": needed, "from": ["ada", "grace"]})
    mine = change(*reviews, author=author, authors=Authors(people=("grace",)))
    decision = change_gates(mine, Policy(approvals=rule), DIRECTORY, NOW)
    if decision.opens:
        assert len(decision.approved_by) >= needed
        assert set(decision.approved_by) <= {"ada"} - {DIRECTORY.by_login(author)}
    assert {vote.plan for vote in gate_context(mine, Policy(), DIRECTORY, NOW).votes} <= {HEAD}
