"""Bring a release to an environment."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.course import run


def run_name() -> str:
    given = flow_run.parameters
    what = given["release"] if len(given["release"]) < 20 else given["release"].removeprefix("sha256:")[:8]
    return f"{given['application']} {what} → {given['to']}"


@flow(name="promote", flow_run_name=run_name, log_prints=True)
def promote(
    application: str,
    to: str,
    release: str = "latest verified",
    reason: str = "",
    requested_by: str = "",
    after: str = "",
) -> State[Any]:
    """Promote a release to an environment: validate, preview, gate, commit, sync, verify, record.

    Args:
        application: Whose values
        to: The environment that receives them
        release: "latest verified", a version, or a release's id
        reason: Stands in the commit and the ledger
        requested_by: Your name, for the record; nobody proves it here, so approvals count one more
        after: Set by Liftgate: the promotion that started this one
    """
    asked = {"release": release, "reason": reason, "requested_by": requested_by, "after": after}
    return run("promote", application, to, **asked)
