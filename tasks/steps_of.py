"""The named steps of a stage, from the pipeline in `liftgate.json`."""

from __future__ import annotations

from liftgate.domain.config.pipeline import StepSpec
from liftgate.domain.promotion.attempt import Attempt
from liftgate.services import verification
from liftgate.services.verification import Stage
from liftgate.wiring import integrations


def steps_of(promotion: Attempt, stage: Stage) -> tuple[StepSpec, ...]:
    return verification.steps_of(integrations(), promotion, stage)
