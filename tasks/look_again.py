"""Look at the branch again after somebody else's commit overtook the plan."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion import Promotion
from liftgate.services import begin
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="look-again", task_run_name="look again", **HEALS)
def look_again(promotion: Promotion) -> Promotion:
    """The same promotion at the branch's newest commit; its release stays fixed."""
    return begin.look_again(integrations(), promotion)
