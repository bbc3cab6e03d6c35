"""Promote a release to an environment."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.course import run
from liftgate.domain.promotion.run_request import LATEST, RunRequest


def run_name() -> str:
    given = flow_run.parameters
    what = given["release"] if len(given["release"]) < 20 else given["release"].removeprefix("sha256:")[:8]
    return f"{given['application']} {what} → {given['to']}"


@flow(name="promote", flow_run_name=run_name, log_prints=True)
def promote(
    application: str,
    to: str,
    release: str = LATEST,
    allow_downgrade: bool = False,
    reason: str = "",
    requested_by: str = "",
) -> State[Any]:
    """Promote a release to an environment: validate, preview, gate, commit, sync, verify, record.

    Args:
        application: Application whose values change
        to: The target environment
        release: "latest verified", a version, or a release id
        allow_downgrade: Promote also a release that is older than what the environment has
        reason: Recorded in the commit and the ledger
        requested_by: Only without sign-in: your name. It is not verified, so one more approval is needed
    """
    return run(
        RunRequest(
            kind="promote",
            application=application,
            environment=to,
            release=release,
            allow_downgrade=allow_downgrade,
            reason=reason,
            requested_by=requested_by,
        )
    )
