"""Start the environments that come after this one; the key makes it harmless to do again."""

from __future__ import annotations

from prefect import task

from liftgate.domain.promotion import Promotion
from liftgate.services import requests
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="start-next", task_run_name="start-next", **HEALS)
def start_next(promotion: Promotion) -> tuple[str, ...]:
    """The runs that were started, or had been: their names."""
    return requests.start_next(integrations(), promotion)
