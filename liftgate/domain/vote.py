"""One person's decision on one plan, signed by the gatehouse that proved who it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal

from liftgate.domain import signature
from liftgate.domain.bounded_json import loads
from liftgate.domain.canonical import canonical
from liftgate.domain.value import Value

Decision = Literal["approve", "refuse"]
Through = Literal["slack", "page", "forge", "api"]


class Vote(Value):
    run: str
    """The promotion's id; a vote for another run counts nothing."""
    plan: str
    """The whole digest of the plan that was shown; a vote on another plan counts nothing here."""
    person: str
    decision: Decision
    reason: str = ""
    at: datetime
    through: Through

    @property
    def key(self) -> str:
        """Key of the flow run's input: one for each gate and person, so a second one is answered 409."""
        return vote_key(gate_name(self.plan), self.person)


class Request(Value):
    """Who asked for a promotion, attested by the gatehouse."""

    run: str
    person: str
    at: datetime


REQUEST_KEY: Final = "request"
VOTE_KEY: Final = "vote-{gate}-{person}"


def gate_name(plan_hash: str) -> str:
    """`gate-<12 hex>`, a label and part of keys: two plans can share it, so it is never what is decided on.

    Prefect's keys allow lower-case letters, digits and dashes only.
    """
    return "gate-" + plan_hash.removeprefix("sha256:")[:12]


def vote_key(gate: str, person: str) -> str:
    """Where a person's vote on a gate is stored."""
    return VOTE_KEY.format(gate=gate, person=slug(person))


def slug(person: str) -> str:
    """The name within those characters, distinct for distinct names."""
    return re.sub(r"[^a-z0-9]", lambda match: f"-{ord(match.group()):x}-", person)


def attested(statement: Vote | Request, signed: str) -> str:
    """What is stored as the flow run's input."""
    return json.dumps({"statement": statement.model_dump(mode="json"), "signature": signed})


def signable(statement: Vote | Request) -> bytes:
    return canonical({"kind": type(statement).__name__.lower()} | statement.model_dump(mode="json"))


def proven_votes(
    inputs: Mapping[str, str], *, run: str, plan: str, signers: tuple[signature.Signer, ...]
) -> tuple[Vote, ...]:
    """The votes on exactly this plan that the gatehouse really signed; anything else is as if it were not there."""
    return tuple(vote for vote in votes_of_run(inputs, run=run, signers=signers) if vote.plan == plan)


def votes_of_run(inputs: Mapping[str, str], *, run: str, signers: tuple[signature.Signer, ...]) -> tuple[Vote, ...]:
    """The same on every plan the run ever had, oldest first: to be shown, not to be counted."""
    votes = []
    for key, text in inputs.items():
        vote = _read(text, Vote, signers)
        if isinstance(vote, Vote) and vote.run == run and vote.key == key:
            votes.append(vote)
    return tuple(sorted(votes, key=lambda vote: vote.at))


def proven_request(inputs: Mapping[str, str], *, run: str, signers: tuple[signature.Signer, ...]) -> Request | None:
    """The gatehouse's word about who asked, if there is one for this run."""
    request = _read(inputs.get(REQUEST_KEY, ""), Request, signers)
    return request if isinstance(request, Request) and request.run == run else None


def _read(text: str, kind: type[Vote | Request], signers: tuple[signature.Signer, ...]) -> Vote | Request | None:
    try:
        document = loads(text)
        statement = kind.model_validate(document["statement"])
        signed = str(document["signature"])
    except (ValueError, KeyError, TypeError):
        return None
    good = signature.signer_of(signable(statement), signed, signature.VOTES, signers)
    return statement if good else None


def people(votes: Iterable[Vote]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(vote.person for vote in votes))
