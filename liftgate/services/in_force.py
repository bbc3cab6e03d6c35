"""The repository as a rollback, and the check of a change by hand, see it: a mistake in `liftgate.json` must not keep
bad values running."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any, Final, TypeVar, cast

from liftgate.domain.config.configuration import Configuration
from liftgate.domain.ledger.ledger import Outcome
from liftgate.domain.promotion.attempt import Attempt, GatedChange, Rollback, TakeOver
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.usable_configuration import Check, InForce, configuration_in_force
from liftgate.integrations.runs.read_once import Substitute
from liftgate.steps.registry import check_names

P = TypeVar("P")
BY_ROLLBACK: Final[frozenset[Outcome]] = frozenset({"rolled back", "rollback failed"})
"""The outcomes of what a rollback ended."""


class SnapshotInForce(ConfigSnapshot):
    """A commit with the configuration that is in force at it; values, schemas and keys are still its own."""

    @property
    def check(self) -> Check:
        return check_names

    @cached_property
    def in_force(self) -> InForce:
        """Raises Misconfigured where no configuration can be used."""
        return configuration_in_force(self.repository, self.commit, self.check)

    @cached_property
    def configuration(self) -> Configuration:
        return self.in_force.configuration


def _any_names(_: Configuration) -> None:
    """A server or a terminal runs no steps, and may lack those of a team."""


class _ForPeople(SnapshotInForce):
    @property
    def check(self) -> Check:
        return _any_names


class _Substitute(Substitute):
    def __init__(self, of: Any, *, for_people: bool = False) -> None:
        super().__init__(of)
        self._for_people = for_people

    @property
    def latest(self) -> ConfigSnapshot:
        return self._seen(self._of.latest)

    def tree(self, commit: str) -> ConfigSnapshot:
        return self._seen(self._of.tree(commit))

    def _seen(self, tree: ConfigSnapshot) -> ConfigSnapshot:
        return _snapshot(tree.repository, tree.commit, for_people=self._for_people)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Substitute) and (self._of, self._for_people) == (other._of, other._for_people)

    def __hash__(self) -> int:
        return hash((self._of, self._for_people))


def in_force(at: P) -> P:
    """The same integrations for a rollback or a change by hand, and for nothing else: they have each commit with the
    configuration that is in force at it."""
    return at if isinstance(at, _Substitute) else cast("P", _Substitute(at))


def in_force_for_people(at: P) -> P:
    """The same to show what a rollback changes, where its steps may not be installed."""
    return cast("P", _Substitute(at, for_people=True))


def seen_by(at: P, attempt: Attempt, outcome: Outcome | None = None) -> P:
    """The integrations as this attempt has them: a rollback, what one ends, and a change by hand, which the branch has
    already. Promotions and updates wait until a person mends the file."""
    is_back = isinstance(attempt, Rollback) or (isinstance(attempt, GatedChange) and attempt.back)
    return in_force(at) if is_back or isinstance(attempt, TakeOver) or outcome in BY_ROLLBACK else at


def snapshot_in_force(tree: ConfigSnapshot) -> SnapshotInForce:
    return _snapshot(tree.repository, tree.commit, for_people=False)


def snapshot_for_people(tree: ConfigSnapshot) -> SnapshotInForce:
    return _snapshot(tree.repository, tree.commit, for_people=True)


@lru_cache(maxsize=16)
def _snapshot(repository: Repository, commit: str, *, for_people: bool) -> SnapshotInForce:
    return (_ForPeople if for_people else SnapshotInForce)(repository, commit)
