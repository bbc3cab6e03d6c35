"""Run one named step of a stage: json-lint, security-scan, health-check, or a user's own."""

from __future__ import annotations

from prefect import task

from liftgate.domain.pipeline import StepSpec
from liftgate.domain.promotion import Promotion
from liftgate.domain.verdict import Verdict
from liftgate.services import verification
from liftgate.wiring import integrations
from tasks.keep import keep
from tasks.retry import HEALS


@task(name="check", task_run_name="{name}", **HEALS)
def check(promotion: Promotion, spec: StepSpec, name: str) -> Verdict:  # noqa: ARG001  the name is the task's title
    """The step's verdict on the values as the plan leaves them, or as they stand once there is a commit."""
    verdict = verification.verdict(integrations(), promotion, spec)
    print("\n".join([f"{spec.name}: {verdict.state}: {verdict.reason}", *map(str, verdict.findings)]))
    return keep(spec.name, verdict)
