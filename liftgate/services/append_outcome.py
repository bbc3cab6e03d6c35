"""Writes an outcome to the ledger, once for each attempt, and once for each commit of a person that is good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import Attempt, GatedChange, Promotion, TakeOver
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.ledger import git_branch
from liftgate.services.commit_plan import check_key
from liftgate.services.entry_files import verified_values
from liftgate.services.ports import CanCommit, HasBranch


class Ports(CanCommit, Protocol):
    """What these use cases need."""


@contextmanager
def fetched_for_outcome(at: HasBranch, attempt: Attempt) -> Iterator[None]:
    """Only what the branch says of a person's commit must be as it is now. An outcome that another host wrote meanwhile
    is found without: the push of this one is refused then, and the ledger read again.

    What fails within may be the mirror, lost or damaged, which only a fetch mends: so another try finds it whole.
    Raises Unavailable.
    """
    if is_persons(attempt):
        at.git.fetch()
    try:
        yield
    except (Unavailable, Misconfigured):
        with suppress(LiftgateError):
            at.git.fetch()
        raise


def standing_outcome(at: HasBranch, attempt: Attempt, *, is_good: bool) -> Entry | None:
    """What the ledger, as last fetched, has of the attempt.

    The run that takes a person's commit over, and a promotion that finds that commit at its gate, may verify it at the
    same time. The first one that is good counts for both: `is_good` says whether this one is. A promotion that found a
    commit has an outcome of its own while its release is not verified: the commit may be that of another release, or
    the newest word about it bad.
    """
    entries = ledger.entries_of(at.entries(attempt.application), attempt.application, attempt.environment)
    mine = ledger.find_entry(entries, attempt.id)
    if mine or not is_good or not is_persons(attempt):
        return mine
    same = (each for each in entries if each.good and each.revision == attempt.revision)
    return next((each for each in same if isinstance(attempt, TakeOver) or _counts(attempt, each, entries)), None)


def append_outcome(at: Ports, attempt: Attempt, entry: Entry) -> Entry:
    """With copies of the verified values. Returns the entry that stands there afterwards.

    Raises Unavailable, Refused, and Misconfigured where no one would believe this worker's key.
    """
    check_key(at, at.tree(at.git.head))

    def standing() -> Entry | None:
        return standing_outcome(at, attempt, is_good=entry.good)

    try:
        verified = verified_values(at, entry)
        git_branch.append_entry(at.git, entry, verified, at.author, at.worker_key, lambda: standing() is not None)
    except Refused:  # the signer may know of another outcome of the commit already
        at.git.fetch()
        if there := standing():
            return there
        raise
    return standing() or entry


def _counts(found: Attempt, one: Entry, entries: Sequence[Entry]) -> bool:
    """Whether the entry says of the attempt what its own would say: that its release is verified."""
    is_about_it = not isinstance(found, Promotion) or one.release == found.release.id
    return is_about_it and ledger.verified(entries, one.release)


def is_persons(attempt: Attempt) -> bool:
    return isinstance(attempt, GatedChange) and (attempt.found or isinstance(attempt, TakeOver))
