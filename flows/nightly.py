"""Promote the newest release of every application to the first environment."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from liftgate.errors import Refused
from tasks.conclude_nightly import conclude_nightly
from tasks.ends import in_a_sentence
from tasks.start_nightly import start_nightly


@flow(name="nightly", flow_run_name="nightly", log_prints=True)
def nightly(reason: str = "nightly promotion", limit: int = 20, minutes: float = 60) -> State[Any]:
    """Start a promotion of each application's newest release to the first environment; they go on from there.

    Args:
        reason: Stands in the commits and the ledger
        limit: How many run at once
        minutes: How long the summary waits for them; they are not stopped
    """
    return in_a_sentence(lambda: _night(reason, limit, minutes))


def _night(reason: str, limit: int, minutes: float) -> State[Any]:
    if limit < 1:
        raise Refused("limit must be at least 1: nothing could run")
    return conclude_nightly(*start_nightly(reason, limit, minutes))
