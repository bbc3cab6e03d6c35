"""Compute the plan of a promotion; a pure function of the commit the run looked at."""

from __future__ import annotations

from functools import lru_cache

from prefect import task

from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.row import Row
from liftgate.errors import Refused
from liftgate.services import planning
from liftgate.wiring import integrations
from tasks.retry import PLAIN


@lru_cache(maxsize=8)
def _planned(text: str) -> Plan:
    promotion = Promotion.model_validate_json(text)
    at = integrations()
    tree = at.tree(promotion.head)
    if promotion.release:
        return planning.promote(tree, promotion.release, promotion.environment, at.clock.now().date())
    return planning.update(tree, promotion.application, promotion.environment, promotion.changes or {})


def planned(promotion: Promotion) -> Plan:
    """The same promotion at the same commit is planned once in a process."""
    return _planned(promotion.model_dump_json())


@task(name="plan", task_run_name="plan", **PLAIN)
def plan(promotion: Promotion) -> Plan:
    """Raises Refused when something blocks it: a conflict, or a value the environment must define itself."""
    made = planned(promotion)
    if made.blocking:
        raise Refused("\n".join(_sentence(row) for row in made.blocking))
    return made


def _sentence(row: Row) -> str:
    return f"{row.pointer}: {row.sentence or row.kind} {row.command}".rstrip()
