"""`liftgate.json`: reading reports all mistakes at once, each with its place and the nearest right word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator

from liftgate.domain.approval.policy import Approvals, Person, Policy
from liftgate.domain.common.names import is_name, is_path
from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.schedule import Schedule
from liftgate.domain.common.value import Value
from liftgate.domain.config.pipeline import Application, Monitoring, Pipeline, RollbackPlan, check_earlier_names
from liftgate.domain.json_text import strict as strict_json
from liftgate.domain.planning.pins import Pin
from liftgate.domain.planning.rules import Rule
from liftgate.errors import Misconfigured, Refused

FILE = "liftgate.json"


class Allowed(Value):
    """A finding of the security scan that a person reviewed and accepted."""

    pointer: str
    """JSON pointer of the value; it covers everything below, and takes `*` and `**`."""
    reason: str
    """Why it is no secret; the verdict shows it."""
    until: date | None = None
    """The last day; after it the finding stops promotions again. Without it the entry stays."""
    application: str = ""
    """Empty: every application."""
    environment: str = ""
    """Empty: every environment."""


class PlacedPin(Pin):
    """A pin, and the environment and application it applies to."""

    environment: str
    """The environment that keeps the value."""
    application: str = ""
    """Empty: every application."""


class Schedules(Value):
    """When Prefect starts a flow, where it is not as prefect.yaml says. The flow gets its default parameters."""

    nightly: Schedule | None = None
    """When the newest release of each application goes to the first environment."""

    @field_validator("nightly", mode="before")
    @classmethod
    def _written(cls, schedule: object) -> object:
        if schedule is None:
            raise ValueError("must be an object; to run no nightly promotions, deactivate the schedule in Prefect")
        return schedule

    @property
    def by_flow(self) -> dict[str, Schedule]:
        return {"nightly": self.nightly} if self.nightly else {}


class Configuration(Value):
    json_schema: str = Field(default="", alias="$schema")
    """The JSON Schema of this file, for editors; Liftgate does not read it."""
    environments: dict[str, str]
    """The environments in their order: name and folder in the repository."""
    pipeline: Pipeline = Pipeline()
    """The named steps of each stage."""
    monitoring: Monitoring = Monitoring()
    """What Liftgate measures, and when it alerts people."""
    rollback: RollbackPlan = RollbackPlan()
    """What a rollback does, and how it is verified."""
    applications: dict[str, Application] = Field(default_factory=dict)
    """The applications by name; empty: found by `application.name` in the values files."""
    rules: tuple[Rule, ...] = ()
    """Who owns a value. The last rule that covers a JSON pointer decides."""
    pins: tuple[PlacedPin, ...] = ()
    """Values that an environment keeps: no release changes them."""
    allow: tuple[Allowed, ...] = ()
    """Findings of the security scan that people accepted."""
    policy: dict[str, Policy] = Field(default_factory=dict)
    """What each environment requires of a promotion, by environment."""
    people: dict[str, Person] = Field(default_factory=dict)
    """The people that Liftgate knows, by name."""
    operators: tuple[str, ...] = ()
    """Names of `people` who may operate Prefect on its pages; all people may start runs there."""
    schedules: Schedules = Schedules()
    """When Prefect starts a flow by itself."""

    @field_validator("environments")
    @classmethod
    def _paths(cls, environments: dict[str, str]) -> dict[str, str]:
        if not environments:
            raise ValueError("at least one environment is needed")
        for name, path in environments.items():
            if not is_name(name):
                raise ValueError(f"{name[:40]!r} cannot name an environment; use letters, digits, dots and dashes")
            if path != "/" and not is_path(path.replace("{environment}", name)):
                raise ValueError(f"the path of {name} must be a folder in the repository, like /configs/{name}")
        return {name: path.replace("{environment}", name).strip("/") for name, path in environments.items()}

    @field_validator("applications")
    @classmethod
    def _application_names(cls, applications: dict[str, Application]) -> dict[str, Application]:
        for name, application in applications.items():
            if not is_name(name):
                raise ValueError(f"{name[:40]!r} cannot name an application; use letters, digits, dots and dashes")
            files = [application.values] if isinstance(application.values, str) else application.values.values()
            for path in filter(None, (*files, application.schema_path, application.folder)):
                if not is_path(path.replace("{environment}", "x")):
                    raise ValueError(f"{name}: {path[:80]!r} is not a path in the repository")
        check_earlier_names(applications)
        return applications

    @model_validator(mode="after")
    def _names(self) -> Configuration:
        for number, each in enumerate(self.allow):
            if each.environment:
                self.known(each.environment, f"allow.{number}.environment")
        for name, policy in self.policy.items():
            self.known(name, "policy")
            for upstream in policy.after or ():
                self.known(upstream, f"policy.{name}.after")
            for person in policy.approvals.people if policy.approvals else ():
                self._known_person(person, f"policy.{name}.approvals.from")
        for person in self.operators:
            self._known_person(person, "operators")
        return self

    def _known_person(self, person: str, place: str) -> None:
        if self.people and person not in self.people:
            raise ValueError(f'{place}: "{person}" is not in people; {nearest(person, self.people)}')

    @model_validator(mode="after")
    def _one_file_each(self) -> Configuration:
        """A file of two environments would change in the second one without its gates."""
        for name, application in self.applications.items():
            if lacking := [each for each in self.environments if not application.file(each)]:
                raise ValueError(f"applications.{name}.values names no file for {', '.join(lacking)}")
        reached: dict[str, tuple[str, str]] = {}
        for environment, root in self.environments.items():
            for name, application in self.applications.items():
                path = application.place(root, environment)[1]
                other, owner = reached.setdefault(path, (environment, name))
                if other != environment:
                    raise ValueError(shared_file(path, other, environment, f"applications.{owner}"))
        return self

    @property
    def short_of_people(self) -> dict[str, str]:
        """For each environment whose approvers are too few when one of them requests or writes a change: a sentence."""
        found = {}
        for name in self.order:
            rule = self.policy_of(name).approvals or Approvals()
            lacking = rule.needed + 1 - len(rule.people)
            if rule.people and rule.needed and lacking > 0 and not rule.is_alone:
                found[name] = (
                    f"names {len(rule.people)} for {rule.needed} needed; the requester and the authors of a change may "
                    f"not approve it, so add {lacking} or more"
                )
        return found

    def known(self, environment: str, place: str = "environment") -> str:
        """Returns the environment's name; raises ValueError with the nearest right one."""
        if environment not in self.environments:
            raise ValueError(
                f'{place}: there is no environment "{environment}"; {nearest(environment, self.environments)}'
            )
        return environment

    def allowed_in(self, application: str, environment: str) -> tuple[Allowed, ...]:
        """The accepted findings of the security scan that apply there."""
        return tuple(
            each
            for each in self.allow
            if each.application in ("", application) and each.environment in ("", environment)
        )

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(self.environments)

    def policy_of(self, environment: str) -> Policy:
        """The policy with its defaults filled in: a file with only the seed blocks is safe."""
        written = self.policy.get(environment, Policy())
        index, last = self.order.index(environment), environment == self.order[-1]
        before = (self.order[index - 1],) if index else ()
        filled = {
            "after": before if written.after is None else written.after,
            "deliver": written.deliver or ("pull-request" if last else "push"),
            "approvals": written.approvals or Approvals(needed=1 if last else 0),
        }
        return written.copy_with(**filled)

    def after(self, environment: str) -> tuple[str, ...]:
        """The environments that follow this one."""
        return tuple(name for name in self.order if environment in (self.policy_of(name).after or ()))


def shared_file(path: str, one: str, other: str, place: str) -> str:
    """The sentence for a file that two environments reach."""
    return (
        f"{place}: {one} and {other} share the file {path}, so a change in {one} would also change {other}; "
        "give each environment its own path, or write {environment} into applications.NAME.values"
    )


def read_configuration(data: bytes, name: str = FILE) -> Configuration:
    """Raises Misconfigured with all mistakes: one sentence each, with its place."""
    document = strict_json.read_json(data, name=name)
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
"""Replacements for pydantic's sentences that name Python types, by error type."""


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
    "schedules": Schedules,
}


def _siblings(parents: list[str]) -> set[str]:
    model: type[Value] = _MODELS.get(parents[0], Configuration) if parents else Configuration
    if parents and parents[-1] == "approvals":
        model = Approvals
    if len(parents) > 1 and parents[0] == "schedules":
        model = Schedule
    return {field.alias or name for name, field in model.model_fields.items()}
