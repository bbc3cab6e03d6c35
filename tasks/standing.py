"""What an empty plan means: nothing to do, or values that are not verified for this release yet."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services import left_behind
from liftgate.services.outcomes import Result
from liftgate.services.standing import nothing_to_change
from liftgate.wiring import integrations
from tasks.retry import WHILE_BUSY


@task(
    name="standing",
    task_run_name="nothing to change",
    **WHILE_BUSY,
)
def standing(promotion: GatedChange) -> tuple[GatedChange, Result | None]:
    """The promotion, with the newest commit of the values as its revision if that is not verified yet."""
    there, result = nothing_to_change(integrations(), promotion)
    if result:
        left_behind.take_away(integrations(), promotion)
    return there, result
