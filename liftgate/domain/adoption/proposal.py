"""What `liftgate adopt` proposes to write: `liftgate.json` and schemas."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from liftgate.domain.adoption.guards import policy_for
from liftgate.domain.adoption.infer_schema import infer_schema
from liftgate.domain.adoption.layout import Application, Layout
from liftgate.domain.adoption.learn import Learned
from liftgate.domain.adoption.past import Place
from liftgate.domain.adoption.version_pointers import VersionPointers, find_versions
from liftgate.domain.common.canonical import digest
from liftgate.domain.common.value import Json, Value
from liftgate.domain.planning.rules import Rule, Rules

_SCHEMAS: Final = 20
"""More different schemas than this are one: a person can still read it."""
_ALL: Final = "values"
_METADATA: Final = "sops"


class Proposal(Value):
    layout: Layout
    learned: Learned
    configuration: dict[str, Any]
    schemas: dict[str, dict[str, Any]]
    """By path."""
    versions: VersionPointers


def propose(layout: Layout, learned: Learned, values: Mapping[Place, Json], taken: Collection[str]) -> Proposal:
    """`taken` are the paths of the repository: no new file gets one of them."""
    schemas, placed = _schemas(layout.files, values, taken)
    learned_rules = [Rule(pointer=each.pointer, owner=each.owner) for each in learned.rules]
    versions = find_versions(layout.applications, values, Rules(rules=learned_rules))
    configuration = {
        "environments": {environment.name: environment.path for environment in layout.environments},
        "applications": {each.name: _entry(each, placed, versions) for each in layout.applications},
    }
    rules = [rule.model_dump(include={"pointer", "owner"}) for rule in learned_rules]
    policy = {"policy": policy_for(layout.environments)}
    return Proposal(
        layout=layout,
        learned=learned,
        configuration=configuration | ({"rules": rules} if rules else {}) | policy,
        schemas=schemas,
        versions=versions,
    )


def _entry(application: Application, placed: Mapping[str, str], versions: VersionPointers) -> dict[str, Any]:
    pointer = versions.chosen.get(application.name)
    version = {"version": pointer} if pointer else {}
    return application.entry | {"schema": _schema(application, placed)} | version


def _schema(application: Application, placed: Mapping[str, str]) -> str | dict[str, str]:
    found = {str(each.values): placed[each.name] for each in application.files}
    return next(iter(found.values())) if len(set(found.values())) == 1 else found


def _schemas(
    applications: Sequence[Application], values: Mapping[Place, Json], taken: Collection[str]
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The schemas by path, and the path for each application; equal ones are one file."""
    own = {each.name: _of(each, values) for each in applications}
    made = {name: infer_schema(found, "") for name, found in own.items()}
    kinds = {name: digest(schema) for name, schema in made.items()}
    if len(set(kinds.values())) > _SCHEMAS:
        common = infer_schema([value for found in own.values() for value in found], "")
        made, kinds = dict.fromkeys(made, common), dict.fromkeys(made, "")
    paths: dict[str, str] = {}
    schemas: dict[str, dict[str, Any]] = {}
    for name, kind in kinds.items():
        if kind not in paths:
            title = _ALL if len(set(kinds.values())) == 1 else name
            paths[kind] = _free(title, taken)
            schemas[paths[kind]] = made[name] | {"title": f"Values of {title}" if title != _ALL else "Values"}
    return schemas, {name: paths[kind] for name, kind in kinds.items()}


def _of(application: Application, values: Mapping[Place, Json]) -> list[Json]:
    found = (values[application.name, environment] for environment in application.paths)
    return [{key: below for key, below in value.items() if key != _METADATA} for value in found]


def _free(name: str, taken: Collection[str]) -> str:
    paths = (f"schemas/{name}{more}.schema.json" for more in ("", *(f"-{number}" for number in range(2, 1000))))
    return next(path for path in paths if path not in taken)
