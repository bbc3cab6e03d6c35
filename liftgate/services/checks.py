"""Runs the steps of the validate stage on files in Git: without a server, a network or a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from liftgate.domain.common.verdict import Finding, Verdict
from liftgate.domain.config.pipeline import StepSpec
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.secrets.masking import masked_pointer, masked_text
from liftgate.errors import LiftgateError
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.planning import applied
from liftgate.steps.context import Context
from liftgate.steps.registry import BUILT_IN, PREVIEWS, find

SCHEMA: Final = "schema-validation"


def context_of(tree: ConfigSnapshot, name: str, environment: str, path: str, data: bytes) -> Context:
    """`data` is checked by the tree's schemas, rules and exceptions, whatever file the tree has at `path`."""
    schema, overlay = tree.schemas(name, environment)
    return Context(
        application=name,
        environment=environment,
        path=path,
        data=data,
        rules=tree.rules(name),
        schema=schema,
        overlay=overlay,
        allow=tree.configuration.allowed_in(name, environment),
        sops=tree.sops(name, path, data),
        today=SystemClock().now().date(),
    )


def settings_of(tree: ConfigSnapshot, name: str, spec: StepSpec) -> dict[str, Any]:
    """The step's settings in the pipeline, overridden by those for the application."""
    return spec.settings | tree.application(name).checks.get(spec.name, {})


def step_verdicts(
    tree: ConfigSnapshot, context: Context, *, ours: bool = False
) -> Iterator[tuple[Context, str, Verdict]]:
    """Each step's verdict; with `ours` only the built-in steps run."""
    for spec in tree.configuration.pipeline.steps("validate"):
        if spec.name not in PREVIEWS and (spec.name in BUILT_IN or not ours):
            settings = settings_of(tree, context.application, spec)
            own = replace(context, settings=settings) if settings else context
            yield own, spec.name, without_secrets(find(spec.name).run(own))


def without_secrets(verdict: Verdict) -> Verdict:
    """Masked: a step of a team's own may repeat anything, and a built-in one the key that stands in the wrong place."""
    findings = tuple(map(hidden, verdict.findings))
    return verdict.copy_with(reason=masked_text(verdict.reason), findings=findings)


def hidden(finding: Finding) -> Finding:
    """The finding without what looks like a secret."""
    return finding.copy_with(
        message=masked_text(finding.message), fix=masked_text(finding.fix), pointer=masked_pointer(finding.pointer)
    )


def schema_verdict(tree: ConfigSnapshot, plan: Plan) -> Verdict | None:
    """Whether the values after the plan fit their schema and the environment's overlay; None if the pipeline leaves
    that step out. Raises Misconfigured for a wrong schema."""
    if SCHEMA not in [spec.name for spec in tree.configuration.pipeline.steps("validate")]:
        return None
    data = applied(tree.repository, tree.commit, plan)
    context = context_of(tree, plan.application, plan.environment, plan.path, data)
    verdict = without_secrets(find(SCHEMA).run(context))
    return verdict.copy_with(reason=verdict.in_full)


def misfits(tree: ConfigSnapshot, name: str, environment: str, data: bytes) -> tuple[str, ...]:
    """What the built-in steps say today about older values. It only informs: it never stops a rollback."""
    try:
        context = context_of(tree, name, environment, tree.path(name, environment), data)
        failed = [verdict for _, _, verdict in step_verdicts(tree, context, ours=True) if verdict.failed]
    except LiftgateError as error:
        return (f"could not be checked: {error}",)
    return tuple(dict.fromkeys(line for verdict in failed for line in _lines(verdict)))


def in_words(misfits: Iterable[str]) -> list[str]:
    return [f"does not fit today's checks: {each}" for each in misfits]


def _lines(verdict: Verdict) -> list[str]:
    return [str(finding) for finding in verdict.findings if finding.blocking] or [verdict.reason]
