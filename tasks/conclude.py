"""Tell people how it ended, leave the outcome with the run, close what is open, start the next environment."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.client.schemas.objects import State

from liftgate.domain import announcement
from liftgate.domain.ledger import Entry
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.errors import Refused
from liftgate.services.beside import catch_up
from liftgate.services.notifications import tell
from liftgate.services.outcomes import as_markdown
from liftgate.services.proposals import close, withdraw
from liftgate.wiring import integrations
from tasks.ends import state_of
from tasks.retry import HEALS
from tasks.show import artifact_key, show
from tasks.start_next import start_next


@task(name="outcome", task_run_name="tell the outcome", **HEALS)
def show_outcome(promotion: Promotion, entry: Entry, plan: Plan | None) -> None:
    """The promotion's message brought to its end, and the outcome with its times as an artifact."""
    at = integrations()
    catch_up()
    page = at.page(entry.reverts or promotion.id)
    tell(at, promotion, announcement.ended(promotion, plan, entry, page))
    show(
        key=artifact_key("outcome", promotion),
        markdown=as_markdown(promotion, entry),
        description=announcement.sentence(entry),
    )
    withdraw(at, promotion)
    if not entry.revision:
        close(at, promotion, entry)
    catch_up()


def conclude(promotion: Promotion, plan: Plan | None = None) -> State[Any]:
    """Safe to repeat: messages are updated in place, the next run is found by its key."""
    entry = promotion.entry
    if entry is None:
        raise Refused("a promotion without an outcome cannot be concluded")
    show_outcome(promotion, entry, plan, return_state=True)
    start_next(promotion)
    return state_of(entry)
