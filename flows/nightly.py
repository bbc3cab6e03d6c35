"""Promote the newest release of every application to the first environment."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.ends import in_a_sentence
from tasks.start_nightly import start_nightly


@flow(name="nightly", flow_run_name="nightly", log_prints=True)
def nightly(reason: str = "nightly promotion") -> State[Any]:
    """Start a promotion of each application's newest release to the first environment; they go on from there.

    Args:
        reason: Stands in the commits and the ledger
    """
    return in_a_sentence(lambda: Completed(message=start_nightly(reason)))
