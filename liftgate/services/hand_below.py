"""A change by hand on top of which Liftgate committed before any run took it over: it gets an entry of its own too.

The promotion verifies the values that are there afterwards, so there is nothing to sync or to roll back. Who made the
change and which gates were not open is recorded, and people are called where gates were bypassed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from liftgate.domain.ledger import ledger
from liftgate.domain.promotion.attempt import Attempt, Rollback, TakeOver
from liftgate.domain.promotion.take_over import HandMade
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.history import Change, find_change
from liftgate.services import take_over
from liftgate.services.append_outcome import is_persons
from liftgate.services.hand_made import newest_hand_made
from liftgate.services.merge_base import named_entries
from liftgate.services.ports import HasBranch


class Ports(take_over.Ports, Protocol):
    """What these use cases need."""


def record_below(at: Ports, attempt: Attempt, record: Callable[[TakeOver, str], object]) -> None:
    """Record the newest change by hand between the attempt's own commit and what the ledger knows before it, as
    superseded; `record` gets it and the reason. Before the attempt's own outcome: after that the ledger knows newer
    values. What keeps it from being recorded keeps no outcome of the attempt back. Raises Unavailable."""
    try:
        if taken := _taken_over_below(at, attempt):
            record(taken, f"{attempt.id} was committed on top of it before it was taken over")
    except (Refused, Misconfigured) as error:
        print(f"a change by hand below {attempt.revision[:12]} is not recorded: {error}")


def _taken_over_below(at: Ports, attempt: Attempt) -> TakeOver | None:
    """People are told of it. None where there is none, or it is recorded."""
    own = _own_commit(at, attempt)
    hand = _hand_made_below(at, attempt, own) if own else None
    if hand is None or ledger.find_entry(at.entries(hand.application), hand.promotion):
        return None
    taken = take_over.taken_over(at, at.tree(at.git.head), hand, run=attempt.message_of, since=at.clock.now())
    take_over.call_approvers(at, taken)
    return taken


def _own_commit(at: HasBranch, attempt: Attempt) -> Change | None:
    """None for a person's commit: the run that takes it over records what is below."""
    if is_persons(attempt) or not attempt.revision:
        return None
    commit = find_change(at.git, attempt.revision)
    return commit if commit.promotion == attempt.id else None


def _hand_made_below(at: HasBranch, attempt: Attempt, own: Change) -> HandMade | None:
    before = at.tree(own.parents[0])
    mine = named_entries(at, before, attempt.application, attempt.environment)
    # A promotion that is rolled back in its own run is recorded after its rollback.
    reverted = (attempt.reverts, *attempt.took_back) if isinstance(attempt, Rollback) else ()
    commit = newest_hand_made(at.git, before, attempt.application, attempt.environment, mine, reverted)
    # What a rollback takes back has an outcome of its own, and so has what came with that.
    if not commit or (isinstance(attempt, Rollback) and attempt.undo == commit):
        return None
    return HandMade(application=attempt.application, environment=attempt.environment, commit=commit)
