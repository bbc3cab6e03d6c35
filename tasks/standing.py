"""What an empty plan means: nothing to do, or a person's own merge that nobody has verified yet."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion import Promotion
from liftgate.services import outcomes
from liftgate.services.outcomes import Result
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="standing", task_run_name="nothing to change", **HEALS)
def standing(promotion: Promotion) -> tuple[Promotion, Result | None]:
    """With the newest commit of the values as its revision where that is still to be verified."""
    return outcomes.standing(integrations(), promotion)
