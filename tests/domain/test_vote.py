"""Votes as they are stored in Prefect: only what the gatehouse signed, for this run, gate and person, counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain import signature, vote
from liftgate.domain.signature import read_allowed
from liftgate.domain.vote import Request, Vote, gate_name, proven_request, proven_votes, slug
from tests.examples import ALLOWED_SIGNERS, GATEHOUSE, NOW, WORKER

SIGNERS = read_allowed(ALLOWED_SIGNERS)
PLAN = "sha256:" + "0123456789ab" + "0" * 52
TWIN = "sha256:" + "0123456789ab" + "f" * 52
"""Another plan, of the same label."""


def cast(**changes: Any) -> Vote:
    plain = {"run": "r", "plan": PLAN, "person": "ada", "decision": "approve", "at": NOW, "through": "page"}
    return Vote.model_validate(plain | changes)


def stored(statement: Vote | Request, key: Any = GATEHOUSE, space: str = signature.VOTES) -> str:
    return vote.attested(statement, signature.sign(vote.signable(statement), key, space))


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
        (cast().key, stored(cast(), GATEHOUSE, signature.LEDGER)),
        (cast().key, stored(cast()).replace("approve", "refuse")),
        (cast().key, stored(Request(run="r", person="ada", at=NOW))),
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


def test_a_request_is_proven_for_its_own_run_only() -> None:
    asked = Request(run="r", person="rosa", at=NOW)
    inputs = {vote.REQUEST_KEY: stored(asked)}
    assert proven_request(inputs, run="r", signers=SIGNERS) == asked
    assert proven_request(inputs, run="another", signers=SIGNERS) is None
    assert proven_request({}, run="r", signers=SIGNERS) is None


@given(some.text(max_size=20), some.text(max_size=20))
def test_two_names_never_share_a_key(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (one == other)
    assert set(slug(one)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
