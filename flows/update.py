"""Set values in one environment: the daily kind of change."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.course import run
from liftgate.domain.promotion.run_request import RunRequest
from liftgate.domain.runs.parameters import NOTHING, Changes, Pointers


def run_name() -> str:
    given = flow_run.parameters
    return f"{given['application']} update → {given['environment']}"


@flow(name="update", flow_run_name=run_name, log_prints=True)
def update(  # noqa: PLR0913, PLR0917 - the form's fields
    application: str,
    environment: str,
    changes: Changes = NOTHING,
    remove: Pointers = (),
    file: str = "",
    reason: str = "",
    requested_by: str = "",
) -> State[Any]:
    """Set and remove values in one environment, by JSON pointer: validate, preview, gate, commit, sync, verify, record.

    Args:
        application: Application whose values change
        environment: Environment to change
        changes: New value by JSON pointer, like {"/application/environment/configs/cache/ttl": 600}; null is a value
        remove: JSON pointers of the values to remove, like ["/application/environment/configs/cache"]
        file: The values file to change, if the application has several, like features.json
        reason: Recorded in the commit and the ledger
        requested_by: Only without sign-in: your name, for the record; it is not verified
    """
    return run(
        RunRequest(
            kind="update",
            application=application,
            environment=environment,
            changes=changes,
            remove=tuple(remove),
            file=file,
            reason=reason,
            requested_by=requested_by,
        )
    )
