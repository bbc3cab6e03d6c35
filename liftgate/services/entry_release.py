"""Which release an outcome is about: worked out when it is written, and again before it is signed."""

from __future__ import annotations

from contextlib import suppress

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.release import Release
from liftgate.domain.promotion.attempt import Attempt, Promotion, Rollback, TakeOver
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change
from liftgate.services.merge_base import promoted_release
from liftgate.services.ports import HasBranch


def brought(attempt: Attempt) -> Release | None:
    return attempt.release if isinstance(attempt, Promotion) else None


def release_of(at: HasBranch, attempt: Attempt) -> Release | None:
    """An update's release is what the environment's promotable values are after it: a candidate of its own.

    None where a rollback or a person leaves none: there may be no values, or some that cannot be read.
    """
    if (found := brought(attempt)) or not attempt.revision:
        return found
    try:
        rules = at.tree(attempt.head if isinstance(attempt, TakeOver) else attempt.revision)
        return release_left(rules, attempt.application, attempt.environment, attempt.revision)
    except Refused:
        if not isinstance(attempt, Rollback | TakeOver):
            raise
        return None


def release_left(tree: ConfigSnapshot, application: str, environment: str, commit: str) -> Release:
    """What the environment's values make up at the commit, under the rules of the tree's. Raises Refused where there
    are none, or some that cannot be read."""
    if not (files := tree.files_in(application, environment, commit)):
        raise Refused(f"there are no values of {application} in {environment} at {commit[:12]}")
    return tree.release_of(application, commit, files)


def check_release(at: HasBranch, entry: Entry, own: Change) -> None:
    """Raises Refused for another release than that of the promotion's own commit: else one that was never there could
    count as verified."""
    expected = ("", "")
    with suppress(Refused):
        release = _of_commit(at, entry, own)
        expected = release.id, release.version
    if (entry.release, entry.version) != expected:
        raise Refused(f"the commit {entry.revision[:12]} has another release than the entry says")


def _of_commit(at: HasBranch, entry: Entry, own: Change) -> Release:
    name = entry.application
    if entry.kind != "promote":
        return release_left(at.tree(entry.revision), name, entry.environment, entry.revision)
    return promoted_release(at.tree(at.git.resolve(own.planned_on)), at.entries(name), name, own)
