"""The plan of a promotion or an update, from one commit of the repository: the same offline and in a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Annotated, Final, Protocol

from pydantic import Field, TypeAdapter

from liftgate.domain.common.canonical import digest
from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.semantic_version import is_lower
from liftgate.domain.common.value import Json, Value
from liftgate.domain.config.configuration import PlacedPin
from liftgate.domain.config.pipeline import STAGES
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning import plan as plans
from liftgate.domain.planning.pins import Pin, active
from liftgate.domain.planning.plan import Ownership, Plan, Target, apply_plan
from liftgate.domain.planning.plan_update import make_update
from liftgate.domain.planning.release import Release, version_of
from liftgate.domain.planning.row import Row
from liftgate.domain.planning.rules import Rules
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
    there = targets(tree, name, environment, release.names)
    _check_schemas(tree, name, environment, there)
    base = find_base(tree, entries, name, environment)
    plan = plans.make_plan(
        release,
        base=base,
        targets=there,
        owners=lambda file: Ownership(tree.rules(name, file), pins(tree, name, environment, today, file)),
        policy_hash=policy_hash(tree, name, environment),
    )
    if plan.is_empty or not (newer := _newer_there(tree, release, base, there)):
        return plan
    return plan.copy_with(older_than=newer, allow_downgrade=allow_downgrade)


def _newer_there(tree: ConfigSnapshot, release: Release, base: Release | None, there: Sequence[Target]) -> str:
    """What the environment has, if the release is older: what was promoted last, or what a person wrote there."""
    pointer = tree.application(release.application).version_pointer
    version = version_of((each.document.value for each in there), pointer)
    if base and release.id != base.id and is_older(tree.repository, release, base):
        return base.version or base.source[:12]
    return version if is_lower(release.version, version) else ""


def update(
    tree: ConfigSnapshot,
    name: str,
    environment: str,
    changes: Mapping[str, Json],
    remove: Sequence[str] = (),
    file: str = "",
) -> Plan:
    """Raises Refused for a secret, values that are not strict JSON, or a file that is not named where there are
    several; Misconfigured for a schema that is missing."""
    there = targets(tree, name, environment)
    _check_schemas(tree, name, environment, there)
    chosen = choose_file(name, there, file)
    return make_update(
        name,
        target=chosen,
        changes=changes,
        remove=remove,
        rules=tree.rules(name, chosen.file),
        policy_hash=policy_hash(tree, name, environment),
        beside=[each for each in there if each is not chosen and each.blob],
    )


def choose_file(name: str, there: Sequence[Target], file: str) -> Target:
    """The file to change: by its name, or by its path in the environment. Raises Refused with the names."""
    if len(there) == 1 and not there[0].file and file in ("", there[0].path):
        return there[0]
    found = [each for each in there if file and file in (each.file, each.path)]
    if found:
        return found[0]
    names = [each.file or each.path for each in there]
    if not names:
        raise Refused(f"{name} has no values file there, so there is nothing to change")
    if file:
        raise Refused(f'{name} has no values file "{file}"; {nearest(file, names)}')
    raise Refused(f"{name} has several values files; say with --file which one changes: {', '.join(names)}")


def targets(tree: ConfigSnapshot, name: str, environment: str, wanted: Iterable[str] = ()) -> tuple[Target, ...]:
    """The environment's files by name, and where the wanted ones would be that it does not have."""
    paths = target_paths(tree, name, environment, wanted)
    found = ((file, path, tree.repository.file(tree.commit, path)) for file, path in paths.items())
    return tuple(
        Target(environment=environment, file=name, path=path, blob=it.blob, data=it.data)
        if it
        else Target(environment=environment, file=name, path=path)
        for name, path, it in found
    )


def target_paths(tree: ConfigSnapshot, name: str, environment: str, wanted: Iterable[str]) -> dict[str, str]:
    """The same without their contents: what is there may be no plain file."""
    root, application = tree.configuration.environments[environment], tree.application(name)
    there = tree.paths(name, environment)
    paths = there | {file: application.path(root, environment, file) for file in wanted if file not in there}
    return dict(sorted(paths.items()))


def _check_schemas(tree: ConfigSnapshot, name: str, environment: str, there: Iterable[Target]) -> None:
    for each in there:
        tree.schemas(name, environment, each.file)


@lru_cache(maxsize=16)
def policy_hash(tree: ConfigSnapshot, name: str, environment: str) -> str:
    """Changes with everything in the repository that decides what may happen to this application there and which
    checks run; not with other environments or applications, the values or the commit. Each step asks for it."""
    configuration, application = tree.configuration, tree.application(name)
    decides: dict[str, Json] = {
        "policy": _dumped(configuration.policy_of(environment)),
        "rules": _owners(tree, name),
        "pins": [_dumped(pin) for pin in _placed(tree, name, environment)],
        "argocd": tree.argocd(name, environment),
        "checks": application.checks,
        "steps": {stage: [_dumped(step) for step in configuration.pipeline.steps(stage)] for stage in STAGES},
        "allow": [_dumped(finding) for finding in configuration.allowed_in(name, environment)],
        "rollback": _dumped(configuration.rollback),
        "schemas": tree.schema_blobs(name, environment),
    }
    return digest(decides)


def _owners(tree: ConfigSnapshot, name: str) -> Json:
    """All rules that can hold for one of its files; each says for which."""
    application, written = tree.application(name), tree.configuration.rules
    if not application.patterns:
        return _dumped(tree.rules(name))
    schemas = {path: _dumped(tree.schema_rules(path)) for path in application.schemas}
    return {"schemas": schemas, **_dumped(Rules(rules=written, version_pointer=application.version_pointer))}


def _dumped(value: Value) -> Json:
    return value.model_dump(mode="json")


def pins(tree: ConfigSnapshot, name: str, environment: str, today: date, file: str) -> tuple[Pin, ...]:
    """Those that hold for the file today."""
    application = tree.application(name)
    placed = [pin for pin in _placed(tree, name, environment) if application.is_file(pin.file, file)]
    return active(placed, today)


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
    return update(tree, change.application, change.environment, change.changes, change.remove, change.file)


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


def applied(git: Repository, commit: str, plan: Plan) -> dict[str, bytes]:
    """The values files at the commit with the plan's edits, by path. Raises Refused when they do not fit there."""
    found = ((each, git.file(commit, each.path)) for each in plan.files)
    return {each.path: apply_plan(each, it.data if it else b"", it.blob if it else "") for each, it in found}


def _why_blocked(row: Row) -> str:
    return f"{row.where}: {row.sentence or row.kind} {row.command}".rstrip()
