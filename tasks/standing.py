"""What an empty plan means: nothing to do, or a person's own merge that nobody has verified yet."""

from __future__ import annotations

from prefect import task

from liftgate.domain import ledger
from liftgate.domain.promotion import Promotion
from liftgate.services.planning import target
from liftgate.wiring import integrations
from tasks.record import Result
from tasks.retry import HEALS


@task(name="standing", task_run_name="nothing to change", **HEALS)
def standing(promotion: Promotion) -> tuple[Promotion, Result | None]:
    """With the newest commit of the values as its revision where that is still to be verified."""
    at = integrations()
    entries = ledger.of(at.entries(promotion.application), promotion.application, promotion.environment)
    release = promotion.release or at.tree(promotion.head).release_at(
        promotion.application, promotion.head, promotion.path
    )
    if ledger.verified(entries, release.id):
        return promotion, Result.nothing()
    there = target(at.tree(promotion.head), promotion.application, promotion.environment)
    last = at.git.log(promotion.head, path=there.path, limit=1)
    if not last:
        return promotion, Result.nothing()
    return promotion.model_copy(update={"revision": last[0].sha, "found": True}), None
