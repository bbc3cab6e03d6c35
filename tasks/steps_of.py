"""Which named steps a stage has, as the pipeline of `liftgate.json` says."""

from __future__ import annotations

from typing import Literal

from liftgate.domain.pipeline import StepSpec
from liftgate.domain.promotion import Promotion
from liftgate.wiring import integrations


def steps_of(promotion: Promotion, stage: Literal["validate", "preview", "verify"]) -> tuple[StepSpec, ...]:
    """A rollback is verified by the steps of the `rollback` block."""
    configuration = integrations().tree(promotion.head).configuration
    if promotion.kind == "rollback" and stage == "verify":
        return configuration.rollback.verification
    return configuration.pipeline.steps(stage)
