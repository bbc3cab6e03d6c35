"""The plan of a promotion or an update, from one commit of the repository: the same offline and in a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Annotated, Final, Protocol

from pydantic import Field, TypeAdapter

from liftgate.domain.common.canonical import digest
from liftgate.domain.common.semantic_version import is_lower
from liftgate.domain.common.value import Json, Value
from liftgate.domain.config.configuration import PlacedPin
from liftgate.domain.config.pipeline import STAGES
from liftgate.domain.json_text.pointer import find
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning import plan as plans
from liftgate.domain.planning.pins import Pin, active
from liftgate.domain.planning.plan import Plan, Target, apply_plan
from liftgate.domain.planning.plan_update import make_update
from liftgate.domain.planning.release import Release
from liftgate.domain.planning.row import Row
from liftgate.domain.promotion.attempt import GatedChange, Promotion, TakeOver, Update
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.ledger import git_branch
from liftgate.services.age import is_older
from liftgate.services.merge_base import entries_for, find_base
from liftgate.services.ports import HasBranch, HasClock


class Ports(HasBranch, HasClock, Protocol):
    """What these use cases need."""


def promote(
    tree: ConfigSnapshot,
    release: Release,
    environment: str,
    today: date,
    entries: Iterable[Entry],
    *,
    allow_downgrade: bool = False,
) -> Plan:
    """`entries` are those of the application, at least. Raises Refused when the target's values are not strict JSON,
    with every mistake in them, or when the release that was promoted last cannot be read, and Misconfigured for a
    schema that is missing."""
    name = release.application
    tree.schemas(name, environment)
    base, there = find_base(tree, entries, name, environment), target(tree, name, environment)
    plan = plans.make_plan(
        release,
        base=base,
        target=there,
        rules=tree.rules(name),
        policy_hash=policy_hash(tree, name, environment),
        pins=pins(tree, name, environment, today),
    )
    if plan.is_empty or not (newer := _newer_there(tree, release, base, there)):
        return plan
    return plan.copy_with(older_than=newer, allow_downgrade=allow_downgrade)


def _newer_there(tree: ConfigSnapshot, release: Release, base: Release | None, there: Target) -> str:
    """What the environment has, if the release is older: what was promoted last, or what a person wrote there."""
    version = find(there.document.value, "/application/version")
    if base and release.id != base.id and is_older(tree.repository, release, base):
        return base.version or base.source[:12]
    return version if isinstance(version, str) and is_lower(release.version, version) else ""


def update(
    tree: ConfigSnapshot, name: str, environment: str, changes: Mapping[str, Json], remove: Sequence[str] = ()
) -> Plan:
    """Raises Refused for a secret, or values that are not strict JSON; Misconfigured for a schema that is missing."""
    tree.schemas(name, environment)
    return make_update(
        name,
        target=target(tree, name, environment),
        changes=changes,
        remove=remove,
        rules=tree.rules(name),
        policy_hash=policy_hash(tree, name, environment),
    )


def target(tree: ConfigSnapshot, name: str, environment: str) -> Target:
    file = tree.values(name, environment)
    path = tree.path(name, environment)
    if file is None:
        return Target(environment=environment, path=path)
    return Target(environment=environment, path=path, blob=file.blob, data=file.data)


def policy_hash(tree: ConfigSnapshot, name: str, environment: str) -> str:
    """Changes with everything in the repository that decides what may happen to this application there and which
    checks run; not with other environments or applications, the values or the commit."""
    configuration, application = tree.configuration, tree.application(name)
    decides: dict[str, Json] = {
        "policy": _dumped(configuration.policy_of(environment)),
        "rules": _dumped(tree.rules(name)),
        "pins": [_dumped(pin) for pin in _placed(tree, name, environment)],
        "argocd": tree.argocd(name, environment),
        "checks": application.checks,
        "steps": {stage: [_dumped(step) for step in configuration.pipeline.steps(stage)] for stage in STAGES},
        "allow": [_dumped(finding) for finding in configuration.allowed_in(name, environment)],
        "rollback": _dumped(configuration.rollback),
        "schemas": tree.schema_blobs(name, environment),
    }
    return digest(decides)


def _dumped(value: Value) -> Json:
    return value.model_dump(mode="json")


def pins(tree: ConfigSnapshot, name: str, environment: str, today: date) -> tuple[Pin, ...]:
    return active(_placed(tree, name, environment), today)


def _placed(tree: ConfigSnapshot, name: str, environment: str) -> tuple[PlacedPin, ...]:
    pins = tree.configuration.pins
    return tuple(pin for pin in pins if pin.environment == environment and pin.application in ("", name))


_CHANGE: Final[TypeAdapter[Promotion | Update]] = TypeAdapter(
    Annotated[Promotion | Update, Field(discriminator="kind")]
)


@lru_cache(maxsize=8)
def _planned(at: Ports, text: str, _ledger: str) -> Plan:
    change = _CHANGE.validate_json(text)
    tree = at.tree(change.head)
    if isinstance(change, Promotion):
        entries = entries_for(at, tree, change.application, change.environment)
        today, allowed = at.clock.now().date(), change.allow_downgrade
        return promote(tree, change.release, change.environment, today, entries, allow_downgrade=allowed)
    return update(tree, change.application, change.environment, change.changes, change.remove)


def planned(at: Ports, change: GatedChange) -> Plan:
    """A process plans the same change at the same commit and state of the ledger once. Raises Refused also for a commit
    that is on the branch already."""
    if isinstance(change, TakeOver):
        raise Refused(f"the commit {change.revision[:12]} is on the branch already, so there is nothing to plan")
    return _planned(at, change.model_dump_json(), at.git.resolve(git_branch.REF))


def unblocked_plan(at: Ports, change: GatedChange) -> Plan:
    """The same. Raises Refused when something blocks it: a downgrade, a conflict, or a value the environment must
    define itself."""
    made = planned(at, change)
    if made.refused_downgrade:
        raise Refused(made.refused_downgrade)
    if made.blocking:
        raise Refused("\n".join(_why_blocked(row) for row in made.blocking))
    return made


def applied(git: Repository, commit: str, plan: Plan) -> bytes:
    """The values file at the commit with the plan's edits. Raises Refused when they do not fit there."""
    file = git.file(commit, plan.path)
    return apply_plan(plan, file.data if file else b"", file.blob if file else "")


def _why_blocked(row: Row) -> str:
    return f"{row.pointer}: {row.sentence or row.kind} {row.command}".rstrip()
