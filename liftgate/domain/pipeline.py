"""The environments in their order, the named steps of each stage, and the applications."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from liftgate.domain import span
from liftgate.domain.nearest import nearest
from liftgate.domain.value import Value
from liftgate.domain.waves import Waves

StepName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class StepSpec(Value):
    """A step as the pipeline names it: `"json-lint"`, or `{"name": "my-step", …}` with its settings beside."""

    name: StepName
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, raw: Any) -> Any:
        if isinstance(raw, str):
            return {"name": raw}
        if isinstance(raw, dict) and "settings" not in raw:
            return {
                "name": raw.get("name", ""),
                "settings": {key: value for key, value in raw.items() if key != "name"},
            }
        return raw


StageName = Literal["validate", "preview", "verify"]
STAGES: tuple[StageName, ...] = ("validate", "preview", "verify")

DIFF, RENDERED = "generate-diff", "rendered-diff"


class Stage(Value):
    name: StageName
    steps: tuple[StepSpec, ...]

    @field_validator("steps")
    @classmethod
    def _diff_settings(cls, steps: tuple[StepSpec, ...]) -> tuple[StepSpec, ...]:
        for step in steps:
            if step.name == DIFF and step.settings not in ({}, {"rendered": True}, {"rendered": False}):
                raise ValueError(f'{DIFF} takes one setting only: "rendered", true or false')
        return steps

    @property
    def in_full(self) -> tuple[StepSpec, ...]:
        """With the difference in the cluster beside that of the values, unless it is switched off."""
        names = [step.name for step in self.steps]
        is_wanted = any(step.name == DIFF and step.settings.get("rendered", True) for step in self.steps)
        beside = (StepSpec(name=RENDERED),) if self.name == "preview" and is_wanted and RENDERED not in names else ()
        return (*self.steps, *beside)


DEFAULT_STEPS: dict[str, tuple[str, ...]] = {
    "validate": ("json-lint", "schema-validation", "security-scan"),
    "preview": (DIFF, "notify-reviewers"),
    "verify": ("health-check", "integration-test"),
}


class Pipeline(Value):
    stages: tuple[Stage, ...] = ()

    def steps(self, stage: StageName) -> tuple[StepSpec, ...]:
        """The steps of the stage as written; a stage nobody wrote has the usual ones."""
        usual = Stage(name=stage, steps=tuple(StepSpec(name=name) for name in DEFAULT_STEPS[stage]))
        return next((written for written in self.stages if written.name == stage), usual).in_full


METRICS = ("sync-status", "drift-detection", "apply-duration", "error-rate")
ALERTS = ("sync-failed", "drift-detected")


def _written_as(pattern: str, otherwise: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(otherwise)
        return text

    return AfterValidator(check)


class Alert(Value):
    threshold: Annotated[str, _written_as(r"any|[1-9][0-9]{0,5}", 'must be "any" or a number from 1, in quotes')]
    """How many within the window; `any` is one."""
    window: Annotated[str, _written_as(r"[1-9][0-9]{0,5}[smh]", 'must be a time like "30s", "5m" or "1h"')]
    """`30s`, `5m`, `1h`."""

    @property
    def count(self) -> int:
        return 1 if self.threshold == "any" else int(self.threshold)

    @property
    def span(self) -> timedelta:
        return span.read(self.window)


class Monitoring(Value):
    metrics: tuple[str, ...] = ()
    alerts: dict[str, Alert] = Field(default_factory=dict)

    @field_validator("metrics")
    @classmethod
    def _metrics(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_known(name, METRICS, "metric") for name in metrics)

    @field_validator("alerts")
    @classmethod
    def _alerts(cls, alerts: dict[str, Alert]) -> dict[str, Alert]:
        return {_known(name, ALERTS, "alert"): alert for name, alert in alerts.items()}

    @property
    def drift(self) -> Alert | None:
        """What people want to hear of drift; None: nothing."""
        return self.alerts.get("drift-detected")

    @property
    def looks_for_drift(self) -> bool:
        return "drift-detection" in self.metrics or self.drift is not None

    @property
    def looks_at_argocd(self) -> bool:
        return self.looks_for_drift or "sync-status" in self.metrics


def _known(name: str, names: tuple[str, ...], what: str) -> str:
    if name not in names:
        raise ValueError(f'there is no {what} "{name[:40]}"; {nearest(name, names)}')
    return name


class RollbackStep(Value):
    action: Literal["revert-commit", "sync-trigger", "verification"]
    description: str = ""


class RollbackValidation(Value):
    required: bool = True
    steps: tuple[StepName, ...] = ("config-validation", "health-check", "integration-test")


class RollbackPlan(Value):
    steps: tuple[RollbackStep, ...] = tuple(
        RollbackStep(action=action) for action in ("revert-commit", "sync-trigger", "verification")
    )
    validation: RollbackValidation = RollbackValidation()

    @field_validator("steps")
    @classmethod
    def _in_order(cls, steps: tuple[RollbackStep, ...]) -> tuple[RollbackStep, ...]:
        actions = [step.action for step in steps]
        if actions not in (
            ["revert-commit", "sync-trigger"],
            ["revert-commit", "sync-trigger", "verification"],
        ):
            raise ValueError("a rollback is revert-commit, sync-trigger and (unless left out) verification")
        return steps

    @property
    def verification(self) -> tuple[StepSpec, ...]:
        """The steps that verify a rollback; none where the block leaves verification out."""
        if self.validation.required and any(step.action == "verification" for step in self.steps):
            return tuple(StepSpec(name=name) for name in self.validation.steps)
        return ()


class Application(Value):
    argocd: Waves = (("{application}-{environment}",),)
    """The Argo CD Application by name, or a list of them (regions), one after another; a list within the list goes
    side by side. `{application}` and `{environment}` are filled in."""
    values: str = "values.json"
    schema_path: str = Field(default="", alias="schema")
    """JSON Schema in the repository; empty: the built-in one."""
    checks: dict[StepName, dict[str, Any]] = Field(default_factory=dict)
    """Settings of verification steps by name."""
    folder: str = ""
    """Folder below each environment's path, where many applications share the environments."""
