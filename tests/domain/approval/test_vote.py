"""Votes as they are stored in Prefect: only what the Liftgate server signed, for this run, gate and person, counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain.approval.request import Request, started
from liftgate.domain.approval.statement import sign_statement
from liftgate.domain.approval.vote import (
    LARGEST,
    Vote,
    gate_name,
    has_voted,
    other_rendering,
    proven_votes,
    recorded_votes,
    slug,
    vote_key,
    votes_of_run,
    votes_verdict,
)
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from tests.examples import ALLOWED_SIGNERS, NOW, SERVER, WORKER, entry

SIGNERS = read_allowed(ALLOWED_SIGNERS)
PLAN = "sha256:" + "0123456789ab" + "0" * 52
TWIN = "sha256:" + "0123456789ab" + "f" * 52
"""Another plan, of the same label."""


def cast(**changes: Any) -> Vote:
    plain = {"run": "r", "plan": PLAN, "shown": PLAN, "person": "ada", "decision": "approve", "at": NOW}
    return Vote.model_validate(plain | {"through": "page"} | changes)


def stored(statement: Vote | Request, key: Any = SERVER, space: str = signature.VOTES) -> str:
    return sign_statement(statement, key, space)


def test_a_signed_vote_counts() -> None:
    ada = cast()
    assert proven_votes({ada.key: stored(ada)}, run="r", plan=PLAN, signers=SIGNERS) == (ada,)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (cast().key, stored(cast(run="another"))),
        (cast().key, stored(cast(plan="sha256:" + "f" * 64))),
        (cast().key, stored(cast(plan=TWIN))),
        (cast(person="grace").key, stored(cast())),
        (cast().key, stored(cast(), WORKER)),
        (cast().key, stored(cast(), SERVER, signature.LEDGER)),
        (cast().key, stored(cast()).replace("approve", "reject")),
        (cast().key, stored(Request(started=started("x", "promote", "r", {}), person="ada", at=NOW))),
        (cast().key, "{}"),
        (cast().key, "not json"),
        (cast().key, "[1]"),
    ],
)
def test_anything_else_is_as_if_it_were_not_there(key: str, text: str) -> None:
    assert proven_votes({key: text}, run="r", plan=PLAN, signers=SIGNERS) == ()


@given(some.text("0123456789abcdef", min_size=12, max_size=12), some.text("0123456789abcdef", min_size=52, max_size=52))
def test_a_vote_on_a_plan_of_the_same_label_counts_nothing_for_another_one(label: str, rest: str) -> None:
    """Twelve digits collide within minutes of looking for it."""
    plan, twin = f"sha256:{label}{rest}", f"sha256:{label}{rest[:-1]}{'1' if rest[-1] == '0' else '0'}"
    ada = cast(plan=twin)
    assert (gate_name(plan), cast(plan=plan).key) == (gate_name(twin), ada.key)
    inputs = {ada.key: stored(ada)}
    assert proven_votes(inputs, run="r", plan=plan, signers=SIGNERS) == ()
    assert proven_votes(inputs, run="r", plan=twin, signers=SIGNERS) == (ada,)


@given(some.text(max_size=20), some.text(max_size=20))
def test_two_names_never_share_a_key(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (one == other)
    assert set(slug(one)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_the_key_names_the_gate_the_page_and_the_person() -> None:
    assert gate_name(PLAN) == "gate-0123456789ab"
    assert cast(person="Ada").key == "vote-gate-0123456789ab-0123456789ab--41-da"
    key = vote_key("gate-1", PLAN, "ada")
    assert [has_voted([key], *each) for each in (("gate-1", "ada"), ("gate-1", "grace"), ("gate-2", "ada"))] == [
        True,
        False,
        False,
    ]
    assert not has_voted([vote_key("gate-1", PLAN, "x.ada")], "gate-1", "ada")
    assert not has_voted([], "gate-1", "ada")


def test_a_vote_of_the_largest_size_counts_and_a_larger_one_does_not() -> None:
    ada = cast()
    found = [
        votes_of_run({ada.key: stored(ada).ljust(size)}, run="r", signers=SIGNERS) for size in (LARGEST, LARGEST + 1)
    ]
    assert found == [(ada,), ()]


def test_the_votes_of_a_run_are_oldest_first_and_those_of_others_hide_none() -> None:
    late, early = cast(), cast(person="grace", at=NOW - timedelta(hours=1))
    inputs = {"other": "{}", late.key: stored(late), early.key: stored(early)}
    assert votes_of_run(inputs, run="r", signers=SIGNERS) == (early, late)


def test_an_entry_keeps_votes_of_its_promotion_and_plan_only() -> None:
    mine, other_run, other_plan = cast(), cast(run="x"), cast(plan=TWIN)
    texts = [stored(mine), stored(other_run), stored(other_plan), stored(mine, WORKER), "{}"]
    assert recorded_votes(texts, run="r", plan=PLAN, signers=SIGNERS) == (mine,)


def test_each_approver_of_an_entry_is_proven_or_named() -> None:
    kept = entry(promotion="r", plan=PLAN, approved_by=("ada", "grace"))
    ada, grace = stored(cast()), stored(cast(person="grace"))
    against = stored(cast(person="grace", decision="reject"))

    def said(*texts: str, **changes: Any) -> tuple[str, str]:
        verdict = votes_verdict(kept.copy_with(votes=texts, **changes), SIGNERS)
        return verdict.state, verdict.reason

    unproven = "no signed vote on its plan proves that {} approved"
    assert said(ada, grace) == ("passed", "signed votes prove that ada and grace approved")
    assert said(ada, against) == ("failed", unproven.format("grace"))
    assert said(stored(cast(plan=TWIN))) == ("failed", unproven.format("ada and grace"))
    assert said(ada, grace, promotion="x") == ("failed", unproven.format("ada and grace"))
    assert said(ada, approved_by=()) == ("passed", "it names no approver")
    assert said() == (
        "not configured",
        "names ada, grace and keeps no vote: nothing proves who approved",
    )


def test_who_approved_another_rendered_change_and_not_this_one_is_named() -> None:
    votes = [
        cast(rendered="new"),
        cast(rendered="old"),
        cast(person="grace", rendered="old"),
        cast(person="rosa", rendered="old", decision="reject"),
        cast(person="linus", rendered="old"),
        cast(person="linus", rendered="new", decision="reject"),
    ]
    assert other_rendering(votes, "new") == ("grace", "linus")
