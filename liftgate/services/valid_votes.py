"""Votes that still count: an approval by a review ends when the review is dismissed or changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from liftgate.domain.approval.review import withdrawn
from liftgate.domain.approval.vote import Vote
from liftgate.domain.promotion.attempt import proposal_branch
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.ports import HasBranch, HasForge


class Ports(HasBranch, HasForge, Protocol):
    """What these use cases need."""


def valid_votes(
    at: Ports, tree: ConfigSnapshot, run: str, votes: Sequence[Vote], *, within: float = 0.0
) -> tuple[Vote, ...]:
    """The votes without the approvals whose reviews were dismissed or changed since.

    Queries the forge only when there is such a vote; its answer may be `within` seconds old.
    Raises Unavailable, Misconfigured.
    """
    if not any(_by_review(vote) for vote in votes):
        return tuple(votes)
    seen = at.forge.reviewed(proposal_branch(run), at.git.branch, within=within)
    gone = withdrawn(seen.reviews) if seen else frozenset()
    people = tree.configuration.people
    logins = {name: at.forge.login(person).lower() for name, person in people.items()}
    return tuple(vote for vote in votes if not (_by_review(vote) and logins.get(vote.person, "") in gone))


def _by_review(vote: Vote) -> bool:
    return vote.through == "forge" and vote.decision == "approve"
