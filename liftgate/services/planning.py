"""The plan of a promotion or an update, from one commit of the repository: the same offline and in a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Protocol

from liftgate.domain import plan as plans
from liftgate.domain.canonical import digest
from liftgate.domain.configuration import PlacedPin
from liftgate.domain.message import APPLICATION, REVERTS, SOURCE
from liftgate.domain.pins import Pin, active
from liftgate.domain.pipeline import STAGES
from liftgate.domain.plan import Plan, Target, apply
from liftgate.domain.plan_update import make_update
from liftgate.domain.promotion import Promotion
from liftgate.domain.release import Release
from liftgate.domain.row import Row
from liftgate.domain.value import Json, Value
from liftgate.integrations.git.history import history
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.tree import Tree
from liftgate.services.ports import HasBranch, HasClock


class Ports(HasBranch, HasClock, Protocol):
    """What these use cases need."""


def promote(tree: Tree, release: Release, environment: str, today: date) -> Plan:
    """Raises Refused when the target's values are not sound JSON, with every mistake in them."""
    name = release.application
    return plans.make(
        release,
        base=last_promoted(tree, name, environment),
        target=target(tree, name, environment),
        rules=tree.rules(name),
        policy_hash=policy_hash(tree, name, environment),
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
        policy_hash=policy_hash(tree, name, environment),
    )


def target(tree: Tree, name: str, environment: str) -> Target:
    file = tree.values(name, environment)
    path = tree.path(name, environment)
    if file is None:
        return Target(environment=environment, path=path)
    return Target(environment=environment, path=path, blob=file.blob, data=file.data)


def policy_hash(tree: Tree, name: str, environment: str) -> str:
    """Changes with everything in the repository that decides what may happen to this application there, and what is
    checked; with nothing of other environments or applications, and not with the values or the commit."""
    configuration, application = tree.configuration, tree.application(name)
    decides: dict[str, Json] = {
        "policy": _dumped(configuration.policy_of(environment)),
        "rules": _dumped(tree.rules(name)),
        "pins": [_dumped(pin) for pin in _placed(tree, name, environment)],
        "argocd": tree.argocd(name, environment),
        "checks": application.checks,
        "steps": {stage: [_dumped(step) for step in configuration.pipeline.steps(stage)] for stage in STAGES},
        "allow": [_dumped(finding) for finding in configuration.allow],
        "rollback": _dumped(configuration.rollback),
        "schemas": tree.schema_blobs(name, environment),
    }
    return digest(decides)


def _dumped(value: Value) -> Json:
    return value.model_dump(mode="json")


def pins(tree: Tree, name: str, environment: str, today: date) -> tuple[Pin, ...]:
    return active(_placed(tree, name, environment), today)


def _placed(tree: Tree, name: str, environment: str) -> tuple[PlacedPin, ...]:
    pins = tree.configuration.pins
    return tuple(pin for pin in pins if pin.environment == environment and pin.application in ("", name))


def last_promoted(tree: Tree, name: str, environment: str) -> Release | None:
    """The release of the newest promotion there that nobody took back: the base of the next merge."""
    reverted: set[str] = set()
    for change in history(tree.repository, tree.commit, path=tree.path(name, environment)):
        reverted.update(change.trailers.get(REVERTS, ()))
        if change.promotion in reverted:
            continue
        if (source := change.trailer(SOURCE)) and change.trailer(APPLICATION) == name:
            return tree.release_at(name, source)
    return None


@lru_cache(maxsize=8)
def _planned(at: Ports, text: str) -> Plan:
    promotion = Promotion.model_validate_json(text)
    tree = at.tree(promotion.head)
    if promotion.release:
        return promote(tree, promotion.release, promotion.environment, at.clock.now().date())
    return update(tree, promotion.application, promotion.environment, promotion.changes or {})


def planned(at: Ports, promotion: Promotion) -> Plan:
    """The same promotion at the same commit is planned once in a process."""
    return _planned(at, promotion.model_dump_json())


def applied(git: Repository, commit: str, plan: Plan) -> bytes:
    """The values file at the commit with the plan's edits. Raises Refused when they do not fit there."""
    file = git.file(commit, plan.path)
    return apply(plan, file.data if file else b"", file.blob if file else "")


def why_blocked(row: Row) -> str:
    return f"{row.pointer}: {row.sentence or row.kind} {row.command}".rstrip()
