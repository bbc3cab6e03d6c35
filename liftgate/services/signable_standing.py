"""Which outcome of a promotion the worker's key may sign that had nothing to commit, and verified another promotion's
commit: the environment keeps what its release would change, such as under a pin.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final, Protocol

from liftgate.domain.ledger.ledger import Entry, Outcome
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change
from liftgate.services import planning
from liftgate.services.merge_base import entries_for, release_from
from liftgate.services.ports import HasBranch, HasClock
from liftgate.services.standing_values import newest_of_values


class Ports(HasBranch, HasClock, Protocol):
    """What these use cases need."""


_JUDGED: Final[frozenset[Outcome]] = frozenset({"verified", "failed"})


def check_standing(at: Ports, entry: Entry, commit: Change) -> None:
    """Raises Refused for an entry about another promotion's commit, unless that is the newest commit of the values, and
    the release has nothing to change there."""
    if entry.kind != "promote" or entry.outcome not in _JUDGED:
        raise Refused(f"the commit {commit.sha[:12]} is not of promotion {entry.promotion}")
    if entry.votes or entry.approved_by or entry.plan or entry.taken or entry.restores or entry.by_hand:
        raise Refused("a promotion without a commit has no plan and no votes, and takes nothing back")
    tree = at.tree(at.git.head)
    if newest_of_values(tree, entry.application, entry.environment) != commit.sha:
        newer = f"the values of {entry.application} in {entry.environment} have a newer commit"
        raise Refused(f"{newer} than {commit.sha[:12]}")
    check_has_release(at, tree, entry)


def check_found(at: Ports, entry: Entry) -> None:
    """The same for a promotion that verified a person's commit: the values may have moved on since, or the rules."""
    if entry.outcome not in _JUDGED:
        return
    with suppress(Refused):
        check_has_release(at, at.tree(at.git.head), entry)
        return
    check_has_release(at, at.tree(entry.revision), entry)


def check_has_release(at: Ports, tree: ConfigSnapshot, entry: Entry) -> None:
    """Raises Refused unless the release is what its source says, and has nothing to change at the tree's commit."""
    name, environment = entry.application, entry.environment
    known = entries_for(at, tree, name, environment)
    release = release_from(tree, known, name, entry.source, entry.source_paths)
    if (release.id, release.version) != (entry.release, entry.version):
        raise Refused(f"the release at {entry.source[:12]} is another one than the entry says")
    plan = planning.promote(tree, release, environment, at.clock.now().date(), known)
    if not plan.is_empty or plan.blocking:
        raise Refused(f"{environment} does not have the release of {entry.promotion}: its plan changes values")
