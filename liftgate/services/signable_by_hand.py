"""Which entries about a person's own commit the worker's key may sign: only what Git and the forge say themselves.

So no flow records a promotion of ours as bypassed, or a person's commit as approved.
"""

from __future__ import annotations

from typing import Final, Protocol

from liftgate.domain.common.words import in_words
from liftgate.domain.ledger.ledger import Entry, Outcome
from liftgate.domain.promotion.take_over import HandMade
from liftgate.errors import Refused
from liftgate.integrations.git.history import Change
from liftgate.services import by_hand
from liftgate.services.by_hand import release_at, requester_of
from liftgate.services.entry_release import check_release
from liftgate.services.hand_made import paths_with
from liftgate.services.ports import HasClock, HasForge
from liftgate.services.signable_standing import check_found


class Ports(by_hand.Ports, HasForge, HasClock, Protocol):
    """What these use cases need."""


_TAKEN_OVER: Final[frozenset[Outcome]] = frozenset(
    {"promoted", "rolled back", "failed", "superseded", "rollback failed"}
)
_FOUND: Final[frozenset[Outcome]] = frozenset({"verified", "failed", "superseded"})
"""Of a promotion that had nothing to change, and verified what a person had committed."""


def check_persons_commit(at: Ports, entry: Entry, commit: Change) -> None:
    """Raises Refused for an entry that says anything else of the commit than is found again here."""
    hand = HandMade(application=entry.application, environment=entry.environment, commit=commit.sha)
    if commit.promotion or entry.outcome not in (_TAKEN_OVER if entry.promotion == hand.promotion else _FOUND):
        raise Refused(f"the commit {commit.sha[:12]} is not of promotion {entry.promotion}")
    if entry.votes or entry.approved_by or entry.plan or entry.taken or entry.restores:
        raise Refused("a person's own commit has no plan and no votes, and takes nothing back")
    found = by_hand.by_hand_if_new(at, entry.application, entry.environment, commit.sha)
    if entry.by_hand != found:
        said = found.sentence if found else "It is what was there."
        raise Refused(f"Git and the forge say of {commit.sha[:12]}: {said} The entry says something else")
    if entry.promotion == hand.promotion:
        _check_taken_over(at, entry, hand)
    elif entry.kind == "promote":
        check_found(at, entry)
    else:
        check_release(at, entry, commit)


def _check_taken_over(at: Ports, entry: Entry, hand: HandMade) -> None:
    if entry.by_hand is None or entry.kind != "update" or entry.upstream:
        raise Refused(f"there is nothing to take over at {hand.commit[:12]}")
    requester = requester_of(entry.by_hand)
    if (entry.requested_by, entry.proof) != (requester.name, requester.proof):
        raise Refused(f"the forge does not say that {entry.requested_by} brought {hand.commit[:12]}")
    tree = at.tree(at.git.head)
    release = release_at(tree, hand, hand.commit)
    if (entry.release, entry.version) != ((release.id, release.version) if release else ("", "")):
        raise Refused(f"the commit {hand.commit[:12]} has another release than the entry says")
    if not {*entry.values_paths} <= {*paths_with(tree, hand)}:
        raise Refused(f"the values of {hand.environment} are not at {in_words(entry.values_paths)}")
