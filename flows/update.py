"""Set values in one environment: the everyday change."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.course import run
from liftgate.domain.parameters import Changes


def run_name() -> str:
    given = flow_run.parameters
    return f"{given['application']} update → {given['environment']}"


@flow(name="update", flow_run_name=run_name, log_prints=True)
def update(
    application: str, environment: str, changes: Changes, reason: str = "", requested_by: str = ""
) -> State[Any]:
    """Set values in one environment, by JSON pointer: validate, preview, gate, commit, sync, verify, record.

    Args:
        application: Whose values
        environment: Where
        changes: JSON pointer to new value, like {"/application/environment/configs/cache/ttl": 600}; null removes
        reason: Stands in the commit and the ledger
        requested_by: Your name, for the record; nobody proves it here
    """
    return run("update", application, environment, changes=changes, reason=reason, requested_by=requested_by)
