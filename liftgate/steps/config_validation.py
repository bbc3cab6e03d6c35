"""The step `config-validation`: the values as they are are sound, valid and without plain secrets."""

from __future__ import annotations

from liftgate.domain.common.verdict import Verdict, failed, passed
from liftgate.steps import schema_validation, security_scan
from liftgate.steps.context import Context
from liftgate.steps.reading import lint, with_lint


def run(context: Context) -> Verdict:
    """All of what the three steps say."""
    document = context.document.mended
    if document is None:
        return lint(context)
    verdicts = [schema_validation.judge(context, document), security_scan.judge(context, document)]
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    reasons = [verdict.reason for verdict in verdicts if verdict.failed]
    if reasons:
        return with_lint(context, failed("; ".join(reasons), *findings))
    sound = f"{context.path} is strict JSON, fits its schema and has no secret in plain text"
    return with_lint(context, passed(sound, *findings))
