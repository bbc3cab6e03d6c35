"""Find out what a commit that a person made by hand is, and how far its run came if it was started before."""

from __future__ import annotations

from prefect import task
from prefect.runtime import flow_run

from liftgate.domain.promotion.attempt import TakeOver
from liftgate.domain.promotion.take_over import HandMade
from liftgate.services import take_over as service
from liftgate.wiring import integrations
from tasks.retry import LASTS


@task(name="begin-take-over", task_run_name="begin", **LASTS)
def begin_take_over(hand: HandMade) -> TakeOver:
    """Raises Refused when Git does not show this commit as a person's own that has no outcome. People are told."""
    taken = service.begin_take_over(integrations(), str(flow_run.id), hand)
    if not taken.is_over:
        service.announce(integrations(), taken)
    print(taken.by_hand.sentence)
    return taken
