"""Start promotions to the next environments; the key makes a repetition safe."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion.attempt import Attempt
from liftgate.services import requests
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="start-next", task_run_name="start-next", **HEALS)
def start_next(promotion: Attempt) -> tuple[str, ...]:
    """The names of the runs that it started, now or before."""
    return requests.start_next(integrations(), promotion)
