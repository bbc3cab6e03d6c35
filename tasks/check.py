"""Run one named step of a stage: json-lint, generate-diff, health-check, or a team's own."""

from __future__ import annotations

from functools import partial

from prefect import task

from liftgate.domain.common.verdict import Verdict
from liftgate.domain.config.pipeline import StepSpec
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import Attempt, GatedChange
from liftgate.services.verification import Preview, input_digest, step_verdict
from liftgate.wiring import integrations
from tasks.keep import keep
from tasks.retry import HEALS, is_last_try
from tasks.show import show


@task(name="check", task_run_name="{name}", **HEALS)
def check(promotion: Attempt, spec: StepSpec, name: str) -> Verdict:  # noqa: ARG001  the name is the task's title
    """The step's verdict on the values: with the plan applied, or as committed once there is a commit."""
    return _kept(promotion, spec, step_verdict(integrations(), promotion, spec))


@task(name="preview", task_run_name="{name}", **HEALS)
def check_plan(promotion: GatedChange, spec: StepSpec, name: str, plan: Plan) -> Verdict:  # noqa: ARG001  the same
    """The verdict of a step that shows or checks the plan."""
    preview = Preview(promotion, plan, partial(show, promotion), last_try=is_last_try())
    return _kept(promotion, spec, step_verdict(integrations(), promotion, spec, preview))


def _kept(promotion: Attempt, spec: StepSpec, said: Verdict) -> Verdict:
    print("\n".join([f"{spec.name}: {said.state}: {said.reason}", *map(str, said.findings)]))
    return keep(spec.name, said, input_digest(integrations(), promotion, spec))
