"""Take over what a person merged or pushed by hand, as a promotion."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.course import carry_out
from liftgate.domain.promotion.take_over import FLOW, HandMade
from tasks.begin_take_over import begin_take_over
from tasks.final_states import in_a_sentence


def run_name() -> str:
    given = flow_run.parameters
    return f"{given['application']} by hand → {given['environment']}"


@flow(name=FLOW, flow_run_name=run_name, log_prints=True)
def take_over(application: str, environment: str, commit: str) -> State[Any]:
    """Sync, verify and record a commit that a person made; roll the environment back if it breaks.

    Liftgate starts it by itself for each such commit.

    Args:
        application: Application whose values the commit changed
        environment: Environment that it changed
        commit: The whole SHA of the commit
    """
    hand = HandMade(application=application, environment=environment, commit=commit)
    return in_a_sentence(lambda: carry_out(begin_take_over(hand)))
