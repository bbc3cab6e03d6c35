"""Report the outcome to people, store it with the run, close what is open, start the next environment."""

from __future__ import annotations

from functools import partial
from typing import Any

from prefect import task
from prefect.client.schemas.objects import State

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import Attempt
from liftgate.errors import Refused
from liftgate.services import outcomes
from liftgate.wiring import integrations
from tasks.final_states import state_of
from tasks.retry import HEALS
from tasks.show import show
from tasks.start_next import start_next


@task(name="outcome", task_run_name="tell the outcome", **HEALS)
def show_outcome(promotion: Attempt, entry: Entry, plan: Plan | None) -> None:
    """Write the outcome to the promotion's message and, with its times, to an artifact."""
    outcomes.conclude_attempt(integrations(), promotion, entry, plan, partial(show, promotion))


def conclude(promotion: Attempt, plan: Plan | None = None) -> State[Any]:
    """Safe to repeat: it updates messages in place, and finds the next run by its key. The next environment does not
    wait for a chat that does not answer."""
    entry = promotion.entry
    if entry is None:
        raise Refused("cannot conclude a promotion without an outcome")
    try:
        start_next(promotion)
    finally:
        show_outcome(promotion, entry, plan, return_state=True)
    return state_of(entry)
