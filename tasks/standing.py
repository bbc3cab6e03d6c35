"""What an empty plan means: nothing to do, or a person's own merge that is not verified yet."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services import left_behind, outcomes
from liftgate.services.outcomes import Result
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="standing", task_run_name="nothing to change", **HEALS)
def standing(promotion: GatedChange) -> tuple[GatedChange, Result | None]:
    """The promotion, with the newest commit of the values as its revision if that is not verified yet."""
    there, result = outcomes.nothing_to_change(integrations(), promotion)
    if result:
        left_behind.take_away(integrations(), promotion)
    return there, result
