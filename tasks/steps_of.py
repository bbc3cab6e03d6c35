"""Which named steps a stage has, as the pipeline of `liftgate.json` says."""

from __future__ import annotations

from liftgate.domain.pipeline import StepSpec
from liftgate.domain.promotion import Promotion
from liftgate.services import verification
from liftgate.services.verification import Stage
from liftgate.wiring import integrations


def steps_of(promotion: Promotion, stage: Stage) -> tuple[StepSpec, ...]:
    return verification.steps_of(integrations(), promotion, stage)
