"""What a named step said, noted for the promotion's page; no task: nothing waits for it."""

from __future__ import annotations

from prefect.runtime import flow_run

from liftgate.domain.verdict import Verdict
from liftgate.services import notifications
from liftgate.wiring import integrations


def keep(step: str, verdict: Verdict) -> Verdict:
    """The verdict itself; it is noted beside the run."""
    notifications.keep_verdict(integrations(), str(flow_run.id), step, verdict)
    return verdict
