"""Call people when a rollback needs them: a message of its own, once, with names and what to do."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.client.schemas.objects import State
from prefect.states import Failed

from liftgate.domain.promotion import Promotion
from liftgate.services import rollbacks
from liftgate.wiring import integrations
from tasks.retry import PLAIN


@task(name="call-people", task_run_name="call people", **PLAIN)
def call_people(rollback: Promotion, why: str) -> str:
    """What they were told, for where nobody reads a chat."""
    return rollbacks.call(integrations(), rollback, why)


def stuck(rollback: Promotion, state: State[Any]) -> State[Any]:
    """The end of a run that could not push, named as its error is: the sweep goes on with one that will heal."""
    error = state.result(raise_on_failure=False)
    name = type(error).__name__ if isinstance(error, Exception) else "Failed"
    why = str(error or state.message)
    told = call_people(rollback, why, return_state=True)
    return Failed(name=name, message=told.result() if told.is_completed() else why)
