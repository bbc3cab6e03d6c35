"""The named steps of each stage, what is measured, and what a rollback does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, WithJsonSchema, field_validator, model_validator

from liftgate.domain.common import span
from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.value import Value
from liftgate.domain.config.mistakes import Mistake, raise_all

_STEP_NAME: Final = "^[a-z0-9]+(-[a-z0-9]+)*$"
StepName = Annotated[str, Field(pattern=_STEP_NAME)]


class StepSpec(Value):
    """A step in the pipeline: `"json-lint"`, or `{"name": "my-step", …}` with its settings."""

    name: StepName
    """The step's name."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """The other keys."""

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: Any, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        name = {"type": "string", "pattern": _STEP_NAME, "description": "The step's name."}
        full = {"type": "object", "required": ["name"], "properties": {"name": name}}
        return {"anyOf": [name, full], "description": (cls.__doc__ or "").replace("`", "")}

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
    """When its steps run: before the plan, with the plan, or after the sync."""
    steps: tuple[StepSpec, ...]
    """The steps, side by side; an empty list runs none."""

    @field_validator("steps")
    @classmethod
    def _diff_settings(cls, steps: tuple[StepSpec, ...]) -> tuple[StepSpec, ...]:
        for step in steps:
            if step.name == DIFF and step.settings not in ({}, {"rendered": True}, {"rendered": False}):
                raise ValueError(f'{DIFF} takes only one setting: "rendered", true or false')
        return steps

    @property
    def in_full(self) -> tuple[StepSpec, ...]:
        """The steps, with the rendered difference after the difference of the values unless it is switched off."""
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
    """A stage that is not written has its default steps."""

    def steps(self, stage: StageName) -> tuple[StepSpec, ...]:
        """The steps of the stage as written; the default ones if the stage is not written."""
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


_THRESHOLD: Final = "any|[1-9][0-9]{0,5}"
_WINDOW: Final = "[1-9][0-9]{0,5}[smh]"


class Alert(Value):
    threshold: Annotated[
        str,
        _written_as(_THRESHOLD, 'must be "any" or a number from 1, in quotes'),
        WithJsonSchema({"type": "string", "pattern": f"^({_THRESHOLD})$"}),
    ]
    """How many events within the window; `any` is 1."""
    window: Annotated[
        str,
        _written_as(_WINDOW, 'must be a time like "30s", "5m" or "1h"'),
        WithJsonSchema({"type": "string", "pattern": f"^{_WINDOW}$"}),
    ]
    """The length of the window: `30s`, `5m`, `1h`."""

    @property
    def count(self) -> int:
        return 1 if self.threshold == "any" else int(self.threshold)

    @property
    def span(self) -> timedelta:
        return span.read_span(self.window)


class Monitoring(Value):
    metrics: tuple[str, ...] = Field(default=(), json_schema_extra={"items": {"enum": list(METRICS)}})
    """What `/metrics` shows."""
    alerts: dict[str, Alert] = Field(default_factory=dict, json_schema_extra={"propertyNames": {"enum": list(ALERTS)}})
    """When Liftgate alerts people, by alert."""

    @field_validator("metrics")
    @classmethod
    def _metrics(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        raise_all(_unknown(enumerate(metrics), METRICS, "metric"))
        return metrics

    @field_validator("alerts")
    @classmethod
    def _alerts(cls, alerts: dict[str, Alert]) -> dict[str, Alert]:
        raise_all(_unknown(zip(alerts, alerts, strict=True), ALERTS, "alert"))
        return alerts

    @property
    def drift(self) -> Alert | None:
        """The alert that people want for drift; None: no alert."""
        return self.alerts.get("drift-detected")

    @property
    def looks_for_drift(self) -> bool:
        return "drift-detection" in self.metrics or self.drift is not None

    @property
    def looks_at_argocd(self) -> bool:
        return self.looks_for_drift or "sync-status" in self.metrics


def _unknown(placed: Iterable[tuple[str | int, str]], names: tuple[str, ...], what: str) -> Iterator[Mistake]:
    """A mistake for each name (after its key or index) that is not one of the names."""
    for key, name in placed:
        if name not in names:
            yield Mistake((key,), f'there is no {what} "{name[:40]}"; {nearest(name, names)}')


class RollbackStep(Value):
    action: Literal["revert-commit", "sync-trigger", "verification"]
    """What happens."""
    description: str = ""
    """For people."""


class RollbackValidation(Value):
    required: bool = True
    """Whether a rollback is verified."""
    steps: tuple[StepName, ...] = ("config-validation", "health-check", "integration-test")
    """The steps that verify it."""


class RollbackPlan(Value):
    steps: tuple[RollbackStep, ...] = tuple(
        RollbackStep(action=action) for action in ("revert-commit", "sync-trigger", "verification")
    )
    """The actions in their order; only the verification may be left out."""
    validation: RollbackValidation = RollbackValidation()
    """How a rollback is verified."""

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
        """The steps that verify a rollback; none if the block leaves verification out."""
        if self.validation.required and any(step.action == "verification" for step in self.steps):
            return tuple(StepSpec(name=name) for name in self.validation.steps)
        return ()
