"""Promote the newest release of every application to the first environment."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from liftgate.domain.promotion.nightly import SCHEDULED, NightRequest
from liftgate.errors import Refused
from tasks.conclude_nightly import conclude_nightly
from tasks.final_states import in_a_sentence
from tasks.start_nightly import start_nightly


@flow(name="nightly", flow_run_name="nightly", log_prints=True)
def nightly(
    reason: str = SCHEDULED.reason, limit: int = SCHEDULED.limit, minutes: float = SCHEDULED.minutes
) -> State[Any]:
    """Start a promotion of each application's newest release to the first environment; they continue from there.

    Args:
        reason: Recorded in the commits and the ledger
        limit: How many run at once
        minutes: How long the summary waits for them; slower ones continue
    """
    return in_a_sentence(lambda: _night(NightRequest(reason=reason, limit=limit, minutes=minutes)))


def _night(asked: NightRequest) -> State[Any]:
    if asked.limit < 1:
        raise Refused("limit must be at least 1: nothing could run")
    return conclude_nightly(*start_nightly(asked))
