"""The step `config-validation`: the values as they are are sound, valid and without plain secrets."""

from __future__ import annotations

from liftgate.domain.common.verdict import Verdict, failed, passed
from liftgate.steps import schema_validation, security_scan
from liftgate.steps.context import Context
from liftgate.steps.reading import lint


def run(context: Context) -> Verdict:
    """Only what `json-lint` says while the file is not sound: nothing else can be known about it then."""
    if context.document.violations:
        return lint(context)
    verdicts = [schema_validation.run(context), security_scan.run(context)]
    findings = [finding for verdict in verdicts for finding in verdict.findings]
    reasons = [verdict.reason for verdict in verdicts if verdict.failed]
    if reasons:
        return failed("; ".join(reasons), *findings)
    return passed(f"{context.path} is strict JSON, fits its schema and has no secret in plain text", *findings)
