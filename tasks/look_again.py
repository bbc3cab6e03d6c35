"""Read the branch again after another commit made the plan outdated."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services import begin
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="look-again", task_run_name="look again", **HEALS)
def look_again(promotion: GatedChange) -> GatedChange:
    """The same promotion at the branch's newest commit; its release does not change."""
    return begin.look_again(integrations(), promotion)
