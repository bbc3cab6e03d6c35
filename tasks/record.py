"""Append the outcome to the ledger, with a copy of the verified values, once for each promotion."""

from __future__ import annotations

from prefect import task

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import Attempt
from liftgate.services import outcomes
from liftgate.services.outcomes import Result
from tasks.ours import ours
from tasks.retry import LASTS


@task(name="record", task_run_name="record", **LASTS)
def record(promotion: Attempt, result: Result) -> Entry:
    """The entry in the ledger. The outcome must not be lost, so this retries for minutes."""
    return outcomes.record_once(ours(), promotion, result)
