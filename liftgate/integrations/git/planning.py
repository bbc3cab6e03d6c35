"""The plan of a promotion or an update, from one commit of the repository: the same offline and in a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from liftgate.domain import plan as plans
from liftgate.domain.message import PROMOTION_ID, REVERTS
from liftgate.domain.pins import Pin, active
from liftgate.domain.plan import Plan, Target
from liftgate.domain.plan_update import make_update
from liftgate.domain.release import Release
from liftgate.domain.value import Json
from liftgate.integrations.git.tree import Tree


def promote(tree: Tree, release: Release, environment: str, today: date) -> Plan:
    """Raises Refused when the target's values are not sound JSON, with every mistake in them."""
    name = release.application
    return plans.make(
        release,
        base=last_promoted(tree, name, environment),
        target=target(tree, name, environment),
        rules=tree.rules(name),
        policy_hash=tree.configuration.policy_hash(environment),
        pins=pins(tree, name, environment, today),
    )


def update(tree: Tree, name: str, environment: str, changes: Mapping[str, Json]) -> Plan:
    """Raises Refused for a secret, or values that are not sound JSON. null removes the value."""
    return make_update(
        name,
        target=target(tree, name, environment),
        changes={pointer: value for pointer, value in changes.items() if value is not None},
        remove=[pointer for pointer, value in changes.items() if value is None],
        rules=tree.rules(name),
        policy_hash=tree.configuration.policy_hash(environment),
    )


def target(tree: Tree, name: str, environment: str) -> Target:
    file = tree.values(name, environment)
    path = tree.path(name, environment)
    if file is None:
        return Target(environment=environment, path=path)
    return Target(environment=environment, path=path, blob=file.blob, data=file.data)


def pins(tree: Tree, name: str, environment: str, today: date) -> tuple[Pin, ...]:
    placed = (
        pin for pin in tree.configuration.pins if pin.environment == environment and pin.application in ("", name)
    )
    return active(tuple(placed), today)


def last_promoted(tree: Tree, name: str, environment: str) -> Release | None:
    """The release of the newest promotion there that nobody took back: the base of the next merge."""
    reverted: set[str] = set()
    for commit in tree.repository.log(tree.commit, path=tree.path(name, environment)):
        trailers = commit.trailers
        reverted.update(trailers.get(REVERTS, ()))
        if commit.trailer(PROMOTION_ID) in reverted:
            continue
        if (source := commit.trailer("Promotion-Source")) and commit.trailer("Promotion-Application") == name:
            return tree.release_at(name, source)
    return None
