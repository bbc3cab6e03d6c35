"""`liftgate.json`: read with every mistake at once, each with its place and the nearest right word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator

from liftgate.domain import strict_json
from liftgate.domain.names import is_name, is_path
from liftgate.domain.nearest import nearest
from liftgate.domain.pins import Pin
from liftgate.domain.pipeline import Application, Monitoring, Pipeline, RollbackPlan
from liftgate.domain.policy import Approvals, Person, Policy
from liftgate.domain.rules import Rule
from liftgate.domain.value import Value
from liftgate.errors import Misconfigured, Refused

FILE = "liftgate.json"


class Allowed(Value):
    """A finding of the security scan that somebody looked at and let stand."""

    pointer: str
    reason: str
    until: date | None = None


class PlacedPin(Pin):
    """A pin, and where it holds."""

    environment: str
    application: str = ""


class Configuration(Value):
    environments: dict[str, str]
    pipeline: Pipeline = Pipeline()
    monitoring: Monitoring = Monitoring()
    rollback: RollbackPlan = RollbackPlan()
    applications: dict[str, Application] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    pins: tuple[PlacedPin, ...] = ()
    allow: tuple[Allowed, ...] = ()
    policy: dict[str, Policy] = Field(default_factory=dict)
    people: dict[str, Person] = Field(default_factory=dict)

    @field_validator("environments")
    @classmethod
    def _paths(cls, environments: dict[str, str]) -> dict[str, str]:
        if not environments:
            raise ValueError("at least one environment is needed")
        for name, path in environments.items():
            if not is_name(name):
                raise ValueError(f"{name[:40]!r} is no name for an environment: letters, digits, dots and dashes")
            if not is_path(path):
                raise ValueError(f"the path of {name} must be a folder in the repository, like /configs/{name}")
        return {name: path.strip("/") for name, path in environments.items()}

    @field_validator("applications")
    @classmethod
    def _application_names(cls, applications: dict[str, Application]) -> dict[str, Application]:
        for name, application in applications.items():
            if not is_name(name):
                raise ValueError(f"{name[:40]!r} is no name for an application: letters, digits, dots and dashes")
            for path in filter(None, (application.values, application.schema_path, application.folder)):
                if not is_path(path):
                    raise ValueError(f"{name}: {path[:80]!r} is no path within the repository")
        return applications

    @model_validator(mode="after")
    def _names(self) -> Configuration:
        for name, policy in self.policy.items():
            self.known(name, "policy")
            for upstream in policy.after or ():
                self.known(upstream, f"policy.{name}.after")
            for person in policy.approvals.people if policy.approvals else ():
                if self.people and person not in self.people:
                    raise ValueError(
                        f'policy.{name}.approvals.from: "{person}" is not in people; {nearest(person, self.people)}'
                    )
        return self

    def known(self, environment: str, place: str = "environment") -> str:
        """The environment's name again; raises ValueError with the nearest right one."""
        if environment not in self.environments:
            raise ValueError(
                f'{place}: there is no environment "{environment}"; {nearest(environment, self.environments)}'
            )
        return environment

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(self.environments)

    def policy_of(self, environment: str) -> Policy:
        """The policy with its defaults filled in: a seed-only file is safe as it stands."""
        written = self.policy.get(environment, Policy())
        index, last = self.order.index(environment), environment == self.order[-1]
        before = (self.order[index - 1],) if index else ()
        filled = {
            "after": before if written.after is None else written.after,
            "deliver": written.deliver or ("pull-request" if last else "push"),
            "approvals": written.approvals or Approvals(needed=1 if last else 0),
        }
        return written.model_copy(update=filled)

    def after(self, environment: str) -> tuple[str, ...]:
        """The environments that follow this one."""
        return tuple(name for name in self.order if environment in (self.policy_of(name).after or ()))


def read(data: bytes, name: str = FILE) -> Configuration:
    """Raises Misconfigured: one sentence a mistake, all of them, each with its place."""
    document = strict_json.read(data, name=name)
    if document.violations:
        raise Misconfigured("\n".join(str(finding) for finding in document.violations))
    try:
        return Configuration.model_validate(document.value)
    except ValidationError as error:
        raise Misconfigured("\n".join(_sentences(error, document, name))) from None


def _sentences(error: ValidationError, document: strict_json.Document, name: str) -> list[str]:
    return [_sentence(dict(item), document, name) for item in error.errors(include_input=False)]


def _sentence(item: dict[str, Any], document: strict_json.Document, name: str) -> str:
    keys = [str(part) for part in item["loc"]]
    dotted = ".".join(keys)
    line, column = _place(keys, document)
    if item["type"] == "extra_forbidden":
        what = f"unknown key; {nearest(keys[-1], _siblings(keys[:-1]))}"
    else:
        what = _WRONG.get(item["type"]) or str(item["msg"]).removeprefix("Value error, ")
    return f"{name}:{line}:{column}: {dotted + ': ' if dotted else ''}{what}"


_WRONG: Mapping[str, str] = {
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "string_type": "must be text in quotes",
    "missing": "is missing",
}
"""The sentences of pydantic that speak of Python, by their type."""


def _place(keys: list[str], document: strict_json.Document) -> tuple[int, int]:
    for length in range(len(keys), -1, -1):
        pointer = "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys[:length])
        try:
            return document.locate(pointer)
        except (KeyError, LookupError, Refused):
            continue
    return 1, 1


_MODELS: Mapping[str, type[Value]] = {
    "policy": Policy,
    "applications": Application,
    "people": Person,
    "pipeline": Pipeline,
    "monitoring": Monitoring,
    "rollback": RollbackPlan,
    "pins": PlacedPin,
    "allow": Allowed,
    "rules": Rule,
}


def _siblings(parents: list[str]) -> set[str]:
    model: type[Value] = _MODELS.get(parents[0], Configuration) if parents else Configuration
    if parents and parents[-1] == "approvals":
        model = Approvals
    return {field.alias or name for name, field in model.model_fields.items()}
