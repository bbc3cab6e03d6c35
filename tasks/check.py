"""Run one named step of a stage: json-lint, security-scan, health-check, or a user's own."""

from __future__ import annotations

from dataclasses import replace

from prefect import task

from liftgate.domain.pipeline import StepSpec
from liftgate.domain.plan import apply
from liftgate.domain.promotion import Promotion
from liftgate.domain.verdict import Verdict, failed
from liftgate.domain.waves import names
from liftgate.errors import Refused
from liftgate.services.checks import context_of, settings_of
from liftgate.services.planning import planned
from liftgate.steps.context import Context
from liftgate.steps.registry import find
from liftgate.wiring import integrations
from tasks.reach import reach
from tasks.retry import HEALS, verdict_of_looks


@task(name="check", task_run_name="{name}", **HEALS)
def check(promotion: Promotion, spec: StepSpec, name: str) -> Verdict:  # noqa: ARG001  the name is the task's title
    """The step's verdict on the values as the plan leaves them, or as they stand once there is a commit."""
    verdict = _after_commit(promotion, spec) if promotion.revision else _look(promotion, spec)
    told = [
        f"{spec.name}: {verdict.state}: {verdict.reason}",
        *(str(finding) for finding in verdict.findings),
    ]
    print("\n".join(told))
    return verdict


def _look(promotion: Promotion, spec: StepSpec) -> Verdict:
    return find(spec.name).run(context(promotion, spec))


def _after_commit(promotion: Promotion, spec: StepSpec) -> Verdict:
    """An error takes no promotion back before the deadline."""
    at = integrations()
    look = lambda _: _look(promotion, spec)  # noqa: E731
    return verdict_of_looks(at.clock, at.settings.verify_deadline, look, lambda why: failed(f"{spec.name}: {why}"))


def context(promotion: Promotion, spec: StepSpec) -> Context:
    """Everything the step may know and touch."""
    at = integrations()
    tree = at.tree(promotion.head)
    name, environment = promotion.application, promotion.environment
    return replace(
        context_of(tree, name, environment, promotion.path, _values(promotion)),
        today=at.clock.now().date(),
        settings=settings_of(tree, name, spec),
        version=promotion.version,
        revision=promotion.revision,
        deployed_as=names(promotion.argocd),
        reach=reach(promotion),
    )


def _values(promotion: Promotion) -> bytes:
    """After the plan; where none can be made the file as it is, so that its mistakes are found and named."""
    at = integrations()
    file = at.git.file(promotion.revision or promotion.head, promotion.path)
    data, blob = (file.data, file.blob) if file else (b"", "")
    if promotion.revision:
        return data
    try:
        return apply(planned(integrations(), promotion), data, blob)
    except Refused:
        return data
