"""The gates of a change that a person made in Git, in one environment: those of a promotion, with reviews as votes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from liftgate.domain.approval import gate
from liftgate.domain.approval import review as reviews
from liftgate.domain.approval.author import Authors, Directory
from liftgate.domain.approval.gate import Decision, GateContext
from liftgate.domain.approval.pause import Pause
from liftgate.domain.approval.policy import Policy
from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.review import Review
from liftgate.domain.approval.vote import Vote
from liftgate.domain.common.plain import one_line
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Verdict, passed
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.secrets.masking import masked

STATUS_CHECK: Final = "liftgate"
"""The name of the commit status that says whether they are open; branch protection can require it."""
NO_SIGNATURES: Final = passed("no signatures are required")
_NO_END: Final = timedelta(days=1)
"""A pull request has no deadline; this is what the promotion's gate gets, counted from now."""


class HandChange(Value):
    """What one pull request, or one push, changes in one environment for one application."""

    environment: str
    head: str = ""
    """SHA that reviews must be about; empty for a push, which has no reviews."""
    author: str = ""
    """Login of who opened the pull request, as the forge says; empty: not known, so one more approval is needed."""
    is_preview: bool = False
    """Whether there is no pull request yet: approvals are then counted as for one that a known person opens."""
    authors: Authors = Authors()
    """Who wrote its commits."""
    reviews: tuple[Review, ...] = ()
    """All that were given, oldest first."""
    pause: Pause | None = None
    """The pause that holds promotions to the environment."""
    version: str = ""
    """Of the release that the values are after the change."""
    verified: Mapping[str, datetime | None] = Field(default_factory=dict)
    """For each upstream environment: since when the release's values, as they are after the change, are verified there.
    Empty where the change touches no value of the release; see `verified_upstream`."""
    signatures: Verdict = NO_SIGNATURES
    """Failed if the policy requires signatures that commits of the change do not have."""


def verified_upstream(
    entries: Iterable[Entry], application: str, policy: Policy, *, before: str, after: str
) -> dict[str, datetime | None]:
    """`before` and `after` are the ids of the release that the environment's values make up; equal ids: only values
    of the environment change, so nothing needs to be verified upstream."""
    return {} if before == after else gate.verified_in(entries, application, policy, after)


def change_gates(change: HandChange, policy: Policy, directory: Directory, now: datetime) -> Decision:
    """Whether the gates are open for it. It never expires; `policy` and `directory` are those of the branch that the
    change goes to, never its own."""
    return gate.decide(gate_context(change, policy, directory, now)).copy_with(until=None)


def each_gate(change: HandChange, policy: Policy, directory: Directory, now: datetime) -> dict[str, Verdict]:
    """The verdicts by gate name, without the gates that this change does not meet."""
    given = gate_context(change, policy, directory, now)
    found = {"pause": gate.paused(given)} if change.pause else {}
    if change.verified:
        found["upstream"] = gate.upstream(given)
        found |= {"soak": gate.soak(given)} if policy.soak else {}
    found |= {"freeze": gate.freeze(given)} if policy.freeze else {}
    found |= {"authors": gate.known_authors(given)} if change.authors.unknown else {}
    found |= {"signatures": given.signatures} if given.signatures != NO_SIGNATURES else {}
    return found | {"approvals": gate.approvals(given)}


def gate_context(change: HandChange, policy: Policy, directory: Directory, now: datetime) -> GateContext:
    return GateContext(
        environment=change.environment,
        version=change.version,
        policy=policy,
        requester=_requester(change, directory),
        authors=change.authors,
        known=directory.names,
        votes=_votes(change, policy, directory, now),
        opened=now,
        now=now,
        deadline=_NO_END,
        verified=change.verified,
        pause=change.pause,
        signatures=change.signatures,
    )


def not_in_people(change: HandChange, directory: Directory) -> tuple[str, ...]:
    """Logins whose reviews of this head do not count, because `people` has no such account."""
    return tuple(each.login for each in _counted(change) if not directory.by_login(each.login))


def _requester(change: HandChange, directory: Directory) -> Requester:
    """A login is never taken for a name in `people`: a stranger's login may be equal to one."""
    if not change.author:
        return Requester(name="", proof="forge" if change.is_preview else "claimed")
    name = directory.by_login(change.author) or f"{change.author} (not in people)"
    return Requester(name=name, proof="forge")


def _votes(change: HandChange, policy: Policy, directory: Directory, now: datetime) -> tuple[Vote, ...]:
    found = [_vote(change.head, who, each, now) for each in _counted(change) if (who := directory.by_login(each.login))]
    if policy.approvals and policy.approvals.is_alone and directory.by_login(change.author) in policy.approvals.people:
        opened = Review(login=change.author, state="approved", commit=change.head)
        found.append(_vote(change.head, directory.by_login(change.author), opened, now))
    return tuple(found)


def _counted(change: HandChange) -> tuple[Review, ...]:
    return reviews.counted(change.reviews, head=change.head, author=change.author) if change.head else ()


def _vote(head: str, person: str, given: Review, now: datetime) -> Vote:
    """A value for the gate's rules only: it is neither signed nor stored."""
    return Vote(
        run="",
        plan=head,
        shown="",
        person=person,
        decision=reviews.DECISIONS[given.state],
        reason=masked(one_line(given.text))[:500],
        at=now,
        through="forge",
    )
