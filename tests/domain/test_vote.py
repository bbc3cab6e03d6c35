"""Votes as they are stored in Prefect: only what the gatehouse signed, for this run, gate and person, counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain import signature, vote
from liftgate.domain.signature import read_allowed
from liftgate.domain.vote import Request, Vote, proven_request, proven_votes, slug
from tests.examples import ALLOWED_SIGNERS, GATEHOUSE, NOW, WORKER

SIGNERS = read_allowed(ALLOWED_SIGNERS)
GATE = "gate-0123456789ab"


def cast(**changes: Any) -> Vote:
    plain = {"run": "r", "gate": GATE, "person": "ada", "decision": "approve", "at": NOW, "through": "page"}
    return Vote.model_validate(plain | changes)


def stored(statement: Vote | Request, key: Any = GATEHOUSE, space: str = signature.VOTES) -> str:
    return vote.attested(statement, signature.sign(vote.signable(statement), key, space))


def test_a_signed_vote_counts() -> None:
    ada = cast()
    assert proven_votes({ada.key: stored(ada)}, run="r", gate=GATE, signers=SIGNERS) == (ada,)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (cast().key, stored(cast(run="another"))),
        (cast().key, stored(cast(gate="gate-ffffffffffff"))),
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
    assert proven_votes({key: text}, run="r", gate=GATE, signers=SIGNERS) == ()


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
