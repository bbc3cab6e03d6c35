"""The votes of an attempt as the ledger keeps them: who approved, with the proof."""

from __future__ import annotations

from typing import Protocol

from liftgate.domain.approval.ballot import Ballot, approvers
from liftgate.domain.approval.policy import Approvals
from liftgate.domain.approval.vote import other_rendering
from liftgate.domain.common.value import Value
from liftgate.domain.promotion.attempt import Attempt, GatedChange, Promotion
from liftgate.domain.promotion.message import PLAN
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change
from liftgate.services.authors import find_authors
from liftgate.services.notes import Notes
from liftgate.services.ports import HasBranch, HasForge, HasRuns


class Ports(HasBranch, HasRuns, HasForge, Protocol):
    """What these use cases need."""


class RecordedVotes(Value):
    """The votes on the plan of an attempt, for its entry."""

    votes: tuple[str, ...] = ()
    """Each as it is stored: statement and signature."""
    approved_by: tuple[str, ...] = ()
    saw_another: tuple[str, ...] = ()


def recorded_votes(
    at: Ports, promotion: Attempt, plan: str, own: Change | None, decided_by: tuple[str, ...]
) -> RecordedVotes:
    """By the votes themselves, under the rules they were counted by; where this process saw the gate open, those whom
    it counted: a review may have been withdrawn before. What a message says counts nothing."""
    if not plan:
        return RecordedVotes(approved_by=decided_by)
    seen = promotion.approved_by if isinstance(promotion, GatedChange) else None
    tree, notes = at.tree(own.parents[0] if own and seen is None else promotion.head), Notes(at.runs, promotion.id)
    votes = notes.votes(plan, tree.signers)
    names = decided_by
    if own and own.trailer(PLAN):
        names = approvers(votes, _ballot_of(at, tree, promotion))
        names = names if seen is None else tuple(name for name in names if name in seen)
    counting = [vote for vote in votes if vote.person in names]
    return RecordedVotes(
        votes=notes.stored(plan, votes),
        approved_by=names,
        saw_another=other_rendering(counting, notes.shown(plan).rendered) if own and counting else (),
    )


def _ballot_of(at: Ports, tree: ConfigSnapshot, promotion: Attempt) -> Ballot:
    rule = tree.configuration.policy_of(promotion.environment).approvals or Approvals()
    brought = promotion.release if isinstance(promotion, Promotion) else None
    source, paths = (brought.source, brought.paths) if brought else ("", ())
    authors = find_authors(at, tree, promotion.application, promotion.environment, source, paths)
    return Ballot(approvals=rule, requester=promotion.requester, authors=authors)
