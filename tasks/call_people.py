"""Call people when a rollback needs them: one separate message with names and what to do."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.client.schemas.objects import State
from prefect.states import Failed

from liftgate.domain.promotion.attempt import Rollback
from liftgate.services import rollbacks
from liftgate.wiring import integrations
from tasks.retry import PLAIN


@task(name="call-people", task_run_name="call people", **PLAIN)
def call_people(rollback: Rollback, why: str) -> str:
    """The message, so that it can also be shown outside the chat."""
    return rollbacks.call_people(integrations(), rollback, why)


def stuck(rollback: Rollback, state: State[Any]) -> State[Any]:
    """The final state of a run that could not push. It has the error's name: recovery retries transient errors."""
    error = state.result(raise_on_failure=False)
    name = type(error).__name__ if isinstance(error, Exception) else "Failed"
    why = str(error or state.message)
    told = call_people(rollback, why, return_state=True)
    return Failed(name=name, message=told.result() if told.is_completed() else why)
