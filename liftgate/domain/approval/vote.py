"""One person's decision on one plan and what was shown of it, signed by the Liftgate server that proved the person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal

from liftgate.domain.approval.statement import Statement, read_statement
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.common.verdict import Verdict, failed, not_configured, passed
from liftgate.domain.ledger.ledger import Entry

Decision = Literal["approve", "reject"]
Through = Literal["slack", "page", "forge", "api"]


class Vote(Statement):
    run: str
    """The promotion's id; a vote for another run does not count."""
    plan: str
    """The whole digest of the plan that was shown; a vote on another plan does not count."""
    shown: str
    """The digest of what the person saw besides the plan: the rendered change and the checks."""
    rendered: str = ""
    """The digest of the rendered change alone; empty where none was shown."""
    person: str
    decision: Decision
    reason: str = ""
    at: datetime
    through: Through

    @property
    def signed_at(self) -> datetime:
        return self.at

    @property
    def key(self) -> str:
        """Key of the flow run's input: one for each gate, page and person, so Prefect answers 409 to a second vote."""
        return vote_key(gate_name(self.plan), self.shown, self.person)


VOTE_KEY: Final = "vote-{gate}-{page}-{person}"
LARGEST: Final = 16_384
"""Characters of a stored vote; ours have some 1,000. It stands in the ledger's entry."""


def gate_name(plan_hash: str) -> str:
    """`gate-<12 hex>`, a label and part of keys. Two plans can share it, so votes are for the whole digest.

    Prefect's keys allow lower-case letters, digits and dashes only.
    """
    return f"gate-{_label(plan_hash)}"


def vote_key(gate: str, shown: str, person: str) -> str:
    """Where a person's vote on a gate is stored; a person who is asked again saw another page."""
    return VOTE_KEY.format(gate=gate, page=_label(shown), person=slug(person))


def has_voted(keys: Iterable[str], gate: str, person: str) -> bool:
    """Whether a key among these is one of the person's at the gate, on any page."""
    start, name = VOTE_KEY.partition("{page}")[0].format(gate=gate), slug(person)
    return any(key.startswith(start) and key.removeprefix(start).partition("-")[2] == name for key in keys)


def _label(digest: str) -> str:
    return slug(digest.removeprefix("sha256:")[:12])


def slug(person: str) -> str:
    """The name in those characters, distinct for distinct names."""
    return re.sub(r"[^a-z0-9]", lambda match: f"-{ord(match.group()):x}-", person)


def proven_votes(inputs: Mapping[str, str], *, run: str, plan: str, signers: tuple[Signer, ...]) -> tuple[Vote, ...]:
    """The votes on exactly this plan with a valid signature of the Liftgate server; others are ignored."""
    return tuple(vote for vote in votes_of_run(inputs, run=run, signers=signers) if vote.plan == plan)


def votes_of_run(inputs: Mapping[str, str], *, run: str, signers: tuple[Signer, ...]) -> tuple[Vote, ...]:
    """The same for every plan the run ever had, oldest first: for display, not for counting."""
    votes = []
    for key, text in inputs.items():
        vote = read_statement(text, Vote, signature.VOTES, signers) if len(text) <= LARGEST else None
        if vote and vote.run == run and vote.key == key:
            votes.append(vote)
    return tuple(sorted(votes, key=lambda vote: vote.at))


def recorded_votes(stored: Iterable[str], *, run: str, plan: str, signers: tuple[Signer, ...]) -> tuple[Vote, ...]:
    """The votes that a ledger's entry keeps, if the server signed them for this promotion and plan."""
    read = (read_statement(text, Vote, signature.VOTES, signers) for text in stored)
    return tuple(vote for vote in read if vote and (vote.run, vote.plan) == (run, plan))


def votes_verdict(entry: Entry, signers: tuple[Signer, ...]) -> Verdict:
    """Whether signed votes prove each approver that the entry names; not configured for entries without any vote."""
    if not entry.approved_by:
        return passed("it names no approver")
    if not entry.votes:
        return not_configured(f"names {', '.join(entry.approved_by)} and keeps no vote: nothing proves who approved")
    votes = recorded_votes(entry.votes, run=entry.promotion, plan=entry.plan, signers=signers)
    proven = people(vote for vote in votes if vote.decision == "approve")
    if missing := [name for name in entry.approved_by if name not in proven]:
        return failed(f"no signed vote on its plan proves that {' and '.join(missing)} approved")
    return passed(f"signed votes prove that {' and '.join(entry.approved_by)} approved")


def other_rendering(votes: Iterable[Vote], rendered: str) -> tuple[str, ...]:
    """The people who approved another rendered change, and not this one."""
    approving = [vote for vote in votes if vote.decision == "approve"]
    saw_this = people(vote for vote in approving if vote.rendered == rendered)
    return tuple(person for person in people(approving) if person not in saw_this)


def people(votes: Iterable[Vote]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(vote.person for vote in votes))
