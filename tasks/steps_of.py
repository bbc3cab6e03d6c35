"""Which named steps a stage has, as the pipeline of `liftgate.json` says."""

from __future__ import annotations

from typing import Literal

from liftgate.domain.configuration import Configuration
from liftgate.domain.pipeline import StepSpec
from liftgate.domain.promotion import Promotion
from liftgate.steps.registry import find
from liftgate.wiring import integrations

PREVIEWS = ("generate-diff", "notify-reviewers")
"""Steps that are tasks of their own, because they need the plan."""

STAGES: tuple[Literal["validate", "preview", "verify"], ...] = ("validate", "preview", "verify")


def check_names(configuration: Configuration) -> None:
    """Raises Misconfigured for a step that does not exist, before anything is done, with the nearest right name."""
    for stage in STAGES:
        for spec in configuration.pipeline.steps(stage):
            if spec.name not in PREVIEWS:
                find(spec.name)


def steps_of(promotion: Promotion, stage: Literal["validate", "preview", "verify"]) -> tuple[StepSpec, ...]:
    """A rollback is verified by the steps of the `rollback` block."""
    configuration = integrations().tree(promotion.head).configuration
    if promotion.kind == "rollback" and stage == "verify":
        return configuration.rollback.verification
    return configuration.pipeline.steps(stage)
