"""Compute the plan of a promotion; a pure function of the commit the run looked at."""

from __future__ import annotations

from prefect import task

from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.errors import Refused
from liftgate.services.planning import planned, why_blocked
from liftgate.wiring import integrations
from tasks.retry import PLAIN


@task(name="plan", task_run_name="plan", **PLAIN)
def plan(promotion: Promotion) -> Plan:
    """Raises Refused when something blocks it: a conflict, or a value the environment must define itself."""
    made = planned(integrations(), promotion)
    if made.blocking:
        raise Refused("\n".join(why_blocked(row) for row in made.blocking))
    return made
