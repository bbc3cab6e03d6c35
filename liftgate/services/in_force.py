"""The repository as a rollback sees it: a mistake in `liftgate.json` must not keep a bad release running."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TypeVar, cast

from liftgate.domain.config.configuration import Configuration
from liftgate.domain.promotion.attempt import Attempt, Rollback
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.usable_configuration import InForce, configuration_in_force
from liftgate.integrations.runs.read_once import Substitute
from liftgate.steps.registry import check_names

P = TypeVar("P")


class SnapshotInForce(ConfigSnapshot):
    """A commit with the configuration that is in force at it; values, schemas and keys are still its own."""

    @cached_property
    def in_force(self) -> InForce:
        """Raises Misconfigured where no configuration can be used."""
        return configuration_in_force(self.repository, self.commit, check_names)

    @cached_property
    def configuration(self) -> Configuration:
        return self.in_force.configuration


class _InForce(Substitute):
    @property
    def latest(self) -> ConfigSnapshot:
        return snapshot_in_force(self._of.latest)

    def tree(self, commit: str) -> ConfigSnapshot:
        return snapshot_in_force(self._of.tree(commit))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _InForce) and self._of == other._of

    def __hash__(self) -> int:
        return hash((_InForce, self._of))


def in_force(at: P) -> P:
    """The same integrations for a rollback, and for nothing else: they have each commit with the configuration that is
    in force at it."""
    return at if isinstance(at, _InForce) else cast("P", _InForce(at))


def seen_by(at: P, attempt: Attempt) -> P:
    """The integrations as this attempt has them: promotions and updates wait until a person mends the file."""
    return in_force(at) if isinstance(attempt, Rollback) else at


def snapshot_in_force(tree: ConfigSnapshot) -> SnapshotInForce:
    return _snapshot(tree.repository, tree.commit)


@lru_cache(maxsize=16)
def _snapshot(repository: Repository, commit: str) -> SnapshotInForce:
    return SnapshotInForce(repository, commit)
