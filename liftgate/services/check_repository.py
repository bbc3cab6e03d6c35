"""Checks `liftgate.json` and all files it names, and goes on after each mistake, so that one call finds all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from liftgate.domain.common.verdict import Finding, Verdict, failed
from liftgate.domain.config import configuration as config
from liftgate.domain.config.configuration import FILE, Configuration
from liftgate.domain.config.files import MARK, name_of
from liftgate.domain.config.mistakes import RULE, at
from liftgate.domain.config.version_places import why_no_version
from liftgate.domain.json_text.strict import Document, read_json
from liftgate.domain.planning.rules import VERSION, Rules
from liftgate.domain.secrets import sops_config
from liftgate.domain.secrets.sops import Sops
from liftgate.errors import LiftgateError
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git.config_snapshot import NO_APPLICATION, ConfigSnapshot, overlay_of
from liftgate.integrations.git.repository import File
from liftgate.services.checks import hidden, settings_of, without_secrets
from liftgate.steps import json_lint, registry, security_scan
from liftgate.steps.context import Context
from liftgate.steps.registry import PREVIEWS

_OF_THE_SCHEMA: Final = ("schema-validation", "config-validation")
"""Steps that cannot judge values while the schema is wrong."""


@dataclass
class Checked:
    """What was found, in the order of the files."""

    verdicts: list[tuple[Context, str, Verdict]] = field(default_factory=list)
    """Each step's verdict on each values file."""
    mistakes: list[Finding] = field(default_factory=list)
    """What is wrong outside of values: in `liftgate.json`, a schema or `.sops.yaml`."""

    def add(self, *findings: Finding) -> None:
        self.mistakes += [each for each in map(hidden, findings) if each not in self.mistakes]

    @property
    def findings(self) -> list[Finding]:
        in_values = (each for _, _, verdict in self.verdicts for each in verdict.findings)
        return list(dict.fromkeys([*self.mistakes, *in_values]))

    @property
    def is_misconfigured(self) -> bool:
        return any(each.blocking for each in self.mistakes)

    @property
    def has_failed(self) -> bool:
        return any(verdict.failed for _, _, verdict in self.verdicts)


def check_repository(tree: ConfigSnapshot, *, only: Collection[str] | None = None, own_steps: bool = True) -> Checked:
    """With `only`, of the values files just these; without `own_steps` no step of a team's own runs.

    Raises Misconfigured only if there is no `liftgate.json`.
    """
    checked = Checked()
    configuration, mistakes, document = config.read(tree.configuration_text)
    checked.add(*mistakes)
    if configuration is None:
        return checked
    unknown = registry.unknown_names(configuration)
    checked.add(*(at(keys, f"{place}: {said}", document) for keys, place, said in unknown))
    checked.add(*_short_of_people(configuration, document))
    if configuration.applications or not document.value.get("applications"):
        there = ConfigSnapshot(tree.repository, tree.commit, configuration)
        _Files(there, document, checked, only, own_steps=own_steps).check()
    return checked


def _short_of_people(configuration: Configuration, document: Document) -> Iterator[Finding]:
    """A warning for each environment whose gate fails when one of its approvers requests or writes a change."""
    for name, why in configuration.short_of_people.items():
        found = at(("policy", name, "approvals", "from"), f"policy.{name}.approvals.from {why}", document)
        yield found.copy_with(rule="approvals", blocking=False)


class _Files:
    """The files that a configuration names; `written` is its text."""

    def __init__(
        self,
        tree: ConfigSnapshot,
        written: Document,
        checked: Checked,
        only: Collection[str] | None,
        *,
        own_steps: bool,
    ) -> None:
        self._tree, self._written, self._checked = tree, written, checked
        self._only = only
        self._sound: dict[str, bool] = {}
        self._today = SystemClock().now().date()
        known = [name for name in registry.names() if (own_steps or name in registry.BUILT_IN) and name not in PREVIEWS]
        self._steps = [spec for spec in tree.configuration.pipeline.steps("validate") if spec.name in known]

    def check(self) -> None:
        try:
            names, nameless = list(self._tree.readable), self._tree.nameless
        except LiftgateError as error:
            self._checked.add(_finding(FILE, RULE, error))
            return
        for path, why in nameless.items():
            self._check_nameless(path, why)
        if not names and not nameless:
            self._checked.add(Finding(place=FILE, rule=RULE, message=NO_APPLICATION))
        for name in names:
            there = {place: self._check_values(name, place) for place in self._tree.configuration.order}
            self._check_base(name)
            self._check_found(name)
            self._check_version(name, there)

    def _check_values(self, name: str, environment: str) -> list[Context]:
        """One for each file; an environment may have none yet."""
        wanted = {named: path for named, path in self._paths(name, environment).items() if self._is_wanted(path)}
        there = {named: file for named, path in wanted.items() if (file := self._file(path))}
        return [self._check_file(name, environment, named, file) for named, file in there.items()]

    def _paths(self, name: str, environment: str) -> Mapping[str, str]:
        try:
            return self._tree.paths(name, environment) if environment else self._tree.source_paths(name)
        except LiftgateError as error:
            self._checked.add(_finding(FILE, RULE, error))
            return {}

    def _check_file(self, name: str, environment: str, named: str, file: File) -> Context:
        context, silent = self._context(name, environment, named, file)
        for spec in self._steps:
            if spec.name in silent:
                continue
            settings = settings_of(self._tree, name, spec)
            own = replace(context, settings=settings) if settings else context
            self._run(spec.name, own)
        return context

    def _is_wanted(self, path: str) -> bool:
        return self._only is None or path in self._only

    def _run(self, step: str, context: Context) -> None:
        try:
            self._add(context, step, registry.find(step).run(context))
        except LiftgateError as error:
            is_schemas = step in _OF_THE_SCHEMA
            path = self._tree.application(context.application).schema_of(context.file) if is_schemas else ""
            self._checked.add(_finding(path or FILE, step, error))
        except Exception as error:
            if step in registry.BUILT_IN:
                raise
            said = f"the step {step} ended with {type(error).__name__}"
            self._add(context, step, failed(said, Finding(place=context.path, rule=step, message=said)))

    def _check_base(self, name: str) -> None:
        """Base values belong to no environment, so no environment's schema applies to them."""
        first = self._paths(name, self._tree.configuration.order[0])
        for named, path in self._paths(name, "").items():
            if path not in first.values() and self._is_wanted(path) and (file := self._file(path)):
                self._check_alone(self._context(name, "", named, file)[0])

    def _check_found(self, name: str) -> None:
        """A warning for each entry of a list, or glob, that no environment has a file for."""
        if not self._tree.application(name).patterns:
            return
        places = self._tree.configuration.order
        there = [file for place in places for file in self._paths_there(name, place)]
        for pattern in self._tree.application(name).patterns:
            if not any(name_of(pattern, each, MARK) for each in there):
                keys, said = (
                    ("applications", name, "values"),
                    f"applications.{name}.values: no environment has {pattern}",
                )
                self._checked.add(at(keys, said, self._written).copy_with(rule="no-such-file", blocking=False))

    def _check_version(self, name: str, there: Mapping[str, list[Context]]) -> None:
        """Whether releases have a version where the application's entry says it is; not where values cannot be read."""
        if self._tree.application(name).version_pointer == VERSION:
            return
        readable = (each for each in there.values() if not any(context.document.violations for context in each))
        values = [{context.path: context.document.value for context in each} for each in readable]
        if said := why_no_version(values, self._rules_of(name, "")):
            keys = ("applications", name, "version")
            self._checked.add(at(keys, f"applications.{name}.version: {said}", self._written))

    def _paths_there(self, name: str, environment: str) -> list[str]:
        listed = self._paths(name, environment).items()
        return [file for file, path in listed if self._tree.repository.object_id(self._tree.commit, path)]

    def _check_nameless(self, path: str, why: str) -> None:
        """Values of which no file tells the application."""
        file = self._file(path) if self._is_wanted(path) else None
        if file is None:
            return
        context = Context(application="", environment="", path=path, data=file.data, today=self._today)
        self._check_alone(context)
        if not context.document.violations:
            finding = Finding(place=context.document.place(""), rule="application-name", message=why)
            self._add(context, "application-name", failed(f"{path} names no application", finding))

    def _check_alone(self, context: Context) -> None:
        self._add(context, "json-lint", json_lint.run(context))
        self._add(context, "security-scan", security_scan.run(context))

    def _add(self, context: Context, step: str, verdict: Verdict) -> None:
        self._checked.verdicts.append((context, step, without_secrets(verdict)))

    def _context(self, name: str, environment: str, named: str, file: File) -> tuple[Context, tuple[str, ...]]:
        """With the names of the steps that cannot judge, because a schema is wrong."""
        path, configuration = self._tree.application(name).schema_of(named), self._tree.configuration
        wanted = [path, overlay_of(path, environment)] if path else []
        is_right = {self._is_sound(each, name) for each in wanted} <= {True}
        schema, overlay = self._tree.schemas(name, environment, named) if is_right else (None, None)
        context = Context(
            application=name,
            environment=environment,
            path=file.path,
            data=file.data,
            file=named,
            rules=self._rules_of(name, named) if is_right else self._written_rules(name),
            schema=schema,
            overlay=overlay,
            allow=configuration.allowed_in(name, environment, named),
            sops=self._sops(name, file),
            today=self._today,
        )
        return context, () if is_right else _OF_THE_SCHEMA

    def _is_sound(self, path: str, name: str) -> bool:
        """Whether the schema is strict JSON. Only an overlay may be absent."""
        if path not in self._sound:
            file = self._file(path)
            mistakes = list(read_json(file.data, name=path).violations) if file else []
            if file is None and path in self._tree.application(name).schemas:
                keys = ("applications", name, "schema")
                said = f"applications.{name}.schema: there is no {path} in the repository"
                mistakes.append(at(keys, said, self._written))
            self._checked.add(*mistakes)
            self._sound[path] = not mistakes
        return self._sound[path]

    def _rules_of(self, name: str, file: str) -> Rules:
        try:
            return self._tree.rules(name, file)
        except LiftgateError as error:
            self._checked.add(_finding(self._tree.application(name).schema_of(file), "schema", error))
            return self._written_rules(name)

    def _written_rules(self, name: str) -> Rules:
        """Without those of a schema that is wrong."""
        pointer = self._tree.application(name).version_pointer
        return Rules(rules=self._tree.configuration.rules, version_pointer=pointer)

    def _sops(self, name: str, file: File) -> Sops:
        try:
            return self._tree.sops(name, file.path, file.data)
        except LiftgateError as error:
            self._checked.add(_finding(sops_config.FILE, "sops-rules", error))
            return Sops()

    def _file(self, path: str) -> File | None:
        """None for one that is not there, and for a link, which is a mistake."""
        try:
            return self._tree.repository.file(self._tree.commit, path)
        except LiftgateError as error:
            self._checked.add(_finding(path, "plain-file", error))
            return None


def _finding(path: str, rule: str, error: LiftgateError) -> Finding:
    """The error's sentence often begins with the place."""
    place, colon, said = str(error).partition(": ")
    if colon and place.partition(":")[0] == path:
        return Finding(place=place, rule=rule, message=said)
    return Finding(place=path, rule=rule, message=str(error))
