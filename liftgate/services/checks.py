"""Runs the steps of the validate stage on files in Git: without a server, a network or a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from liftgate.domain.common.verdict import Finding, Verdict, failed, passed
from liftgate.domain.config.pipeline import StepSpec
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.secrets.masking import masked_pointer, masked_text
from liftgate.errors import LiftgateError
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.planning import applied, targets
from liftgate.steps.context import Context
from liftgate.steps.registry import BUILT_IN, PREVIEWS, find

SCHEMA: Final = "schema-validation"


def context_of(tree: ConfigSnapshot, name: str, environment: str, path: str, data: bytes, file: str = "") -> Context:
    """`data` is checked by the tree's schemas, rules and exceptions, not what the tree has at `path`; `file` is the
    file's name, where the application has several."""
    schema, overlay = tree.schemas(name, environment, file)
    return Context(
        application=name,
        environment=environment,
        path=path,
        data=data,
        file=file,
        rules=tree.rules(name, file),
        schema=schema,
        overlay=overlay,
        allow=tree.configuration.allowed_in(name, environment, file),
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
    reason, findings = masked_text(verdict.reason), tuple(map(hidden, verdict.findings))
    return verdict.copy_with(reason=reason, findings=findings) if findings or reason != verdict.reason else verdict


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
    after = applied(tree.repository, tree.commit, plan)
    contexts = [
        context_of(tree, plan.application, plan.environment, each.path, after[each.path], each.file)
        for each in plan.files
    ]
    verdict = of_all_files([without_secrets(find(SCHEMA).run(context)) for context in contexts])
    return verdict.copy_with(reason=verdict.in_full)


def misfits(tree: ConfigSnapshot, name: str, environment: str, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """What the built-in steps say today about older values, by the names of their files. It only informs: it never
    stops a rollback."""
    try:
        placed = targets(tree, name, environment, files)
        there = [(each.path, files[each.file], each.file) for each in placed if files.get(each.file)]
        contexts = [context_of(tree, name, environment, *each) for each in there]
        verdicts = [verdict for context in contexts for _, _, verdict in step_verdicts(tree, context, ours=True)]
        bad = [verdict for verdict in verdicts if verdict.failed]
    except LiftgateError as error:
        return (f"could not be checked: {error}",)
    return tuple(dict.fromkeys(line for verdict in bad for line in _lines(verdict)))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """All failed verdicts in one, or passed; "not configured" does not count as passed, and does not stop the run."""
    listed = list(verdicts)
    bad = [verdict for verdict in listed if verdict.failed]
    if bad:
        return failed("; ".join(v.reason for v in bad), *(f for v in bad for f in v.findings))
    return passed("; ".join(verdict.reason for verdict in listed if verdict.passed))


def of_all_files(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict of a step that ran for each file: the worst counts."""
    if len(verdicts) == 1 or any(verdict.pending for verdict in verdicts):
        return next((each for each in verdicts if each.pending), verdicts[0])
    silent = all(verdict.state == "not configured" for verdict in verdicts)
    found = worst(verdicts)
    warnings = () if found.failed else tuple(f for v in verdicts for f in v.findings)
    return verdicts[0] if silent else found.copy_with(findings=found.findings or warnings)


def in_words(misfits: Iterable[str]) -> list[str]:
    return [f"does not fit today's checks: {each}" for each in misfits]


def _lines(verdict: Verdict) -> list[str]:
    return [str(finding) for finding in verdict.findings if finding.blocking] or [verdict.reason]
