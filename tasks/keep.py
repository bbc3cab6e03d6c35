"""Note a step's verdict for the promotion's page. It is not a task, because nothing waits for it."""

from __future__ import annotations

from prefect.runtime import flow_run

from liftgate.domain.common.verdict import Verdict
from liftgate.services import notifications
from liftgate.wiring import integrations


def keep(step: str, verdict: Verdict, inputs: str) -> Verdict:
    """Note the verdict on the run with the digest of what was checked, and return it."""
    notifications.keep_verdict(integrations(), str(flow_run.id), step, verdict, inputs)
    return verdict
