"""`liftgate.json`: reading reports all mistakes at once, each with its place and the nearest right word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from pydantic import Field, ValidationError, field_validator, model_validator

from liftgate.domain.approval.policy import Approvals, Person, Policy
from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.schedule import Schedule
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Finding
from liftgate.domain.config.application import Application
from liftgate.domain.config.mistakes import Keys, Mistake, Rest, at, dotted, mistakes_of, raise_all
from liftgate.domain.config.pipeline import Monitoring, Pipeline, RollbackPlan
from liftgate.domain.config.places import shared_files, unknown_file, wrong_earlier_names, wrong_paths, wrong_place
from liftgate.domain.json_text import strict as strict_json
from liftgate.domain.json_text.pointer import split
from liftgate.domain.planning.pins import Pin
from liftgate.domain.planning.rules import OneFile, Rule
from liftgate.errors import Misconfigured, Refused

FILE = "liftgate.json"
NO_FILE = f"the repository has no {FILE}; make one with: liftgate init"


class Allowed(Value):
    """A finding of the security scan that a person reviewed and accepted."""

    pointer: str
    """JSON pointer of the value; it covers everything below, and takes `*` and `**`."""
    reason: str
    """Why it is no secret; the verdict shows it."""
    file: OneFile = ""
    """With several values files, the file or files it holds for, as `values` names them. Empty: all."""
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
        raise_all(wrong_paths(environments))
        return {name: path.replace("{environment}", name).strip("/") for name, path in environments.items()}

    @field_validator("applications")
    @classmethod
    def _application_names(cls, applications: dict[str, Application]) -> dict[str, Application]:
        wrong = (mistake for name, application in applications.items() for mistake in wrong_place(name, application))
        raise_all([*wrong, *wrong_earlier_names(applications)])
        return applications

    @model_validator(mode="after")
    def _fits_together(self) -> Configuration:
        raise_all(
            [
                *self._unknown_names(),
                *self._wrong_places(),
                *shared_files(self.environments, self.applications),
            ]
        )
        return self

    def _unknown_names(self) -> Iterator[Mistake]:
        placed: list[tuple[Keys, str]] = [
            (("pins", number, "environment"), each.environment) for number, each in enumerate(self.pins)
        ]
        placed += [
            (("allow", number, "environment"), each.environment)
            for number, each in enumerate(self.allow)
            if each.environment
        ]
        for name, policy in self.policy.items():
            placed += [(("policy", name), name)]
            placed += [(("policy", name, "after", number), each) for number, each in enumerate(policy.after or ())]
        for keys, environment in placed:
            if environment not in self.environments:
                yield Mistake(keys, self._no_environment(environment))
        for name, policy in self.policy.items():
            for number, person in enumerate(policy.approvals.people if policy.approvals else ()):
                yield from self._unknown_person(person, ("policy", name, "approvals", "from", number))
        for number, person in enumerate(self.operators):
            yield from self._unknown_person(person, ("operators", number))

    def _unknown_person(self, person: str, keys: Keys) -> Iterator[Mistake]:
        if self.people and person not in self.people:
            yield Mistake(keys, f'"{person}" is not in people; {nearest(person, self.people)}')

    def _wrong_places(self) -> Iterator[Mistake]:
        blocks: dict[str, Sequence[Rule | PlacedPin | Allowed]] = {
            "rules": self.rules,
            "pins": self.pins,
            "allow": self.allow,
        }
        for block, number, entry in ((b, n, e) for b, entries in blocks.items() for n, e in enumerate(entries)):
            try:
                split(entry.pointer)
            except Refused as refused:
                yield Mistake((block, number, "pointer"), str(refused))
            if entry.file and (wrong := unknown_file(entry.file, self.applications)):
                yield Mistake((block, number, "file"), wrong)

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
            raise ValueError(f"{place}: {self._no_environment(environment)}")
        return environment

    def _no_environment(self, name: str) -> str:
        return f'there is no environment "{name}"; {nearest(name, self.environments)}'

    def allowed_in(self, application: str, environment: str, file: str | None = None) -> tuple[Allowed, ...]:
        """The accepted findings of the security scan that apply there; with `file`, to that file."""
        one = self.applications.get(application, Application())
        return tuple(
            each
            for each in self.allow
            if each.application in ("", application)
            and each.environment in ("", environment)
            and (file is None or one.is_file(each.file, file))
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


class Reading(NamedTuple):
    """What a text says: the configuration without its mistakes, and these. None if nothing can be said without them."""

    configuration: Configuration | None
    mistakes: tuple[Finding, ...]
    document: strict_json.Document


def read(data: bytes, name: str = FILE) -> Reading:
    """All mistakes, each in one sentence with its place."""
    written = strict_json.read_json(data, name=name)
    document, found = written.mended, list(written.violations)
    if document is None:
        return Reading(None, tuple(found), written)
    rest = Rest(document.value if isinstance(document.value, dict) else {})
    value = document.value
    while True:
        try:
            return Reading(Configuration.model_validate(value), tuple(dict.fromkeys(found)), document)
        except ValidationError as error:
            mistakes = mistakes_of(error, Configuration)
        placed = [each._replace(keys=rest.written(each.keys) if each.keys else ()) for each in mistakes]
        found += [at(each.keys, dotted(each), document) for each in placed]
        for entry in dict.fromkeys(each.keys[:2] for each in placed):
            rest.drop(entry)
        if any(each.keys[:1] in ((), ("environments",)) for each in placed) or rest.value == value:
            return Reading(None, tuple(dict.fromkeys(found)), document)
        value = rest.value


@lru_cache(maxsize=32)
def read_configuration(data: bytes, name: str = FILE) -> Configuration:
    """Raises Misconfigured with all mistakes. Most commits have the text of the one before, so it is kept."""
    configuration, mistakes, _ = read(data, name)
    if configuration is None or mistakes:
        raise Misconfigured("\n".join(map(str, mistakes)))
    return configuration
