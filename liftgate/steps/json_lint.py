"""The step `json-lint`: the file is strict JSON, or every violation is named with its place."""

from __future__ import annotations

from liftgate.domain.verdict import Verdict, failed, passed
from liftgate.steps.context import Context


def run(context: Context) -> Verdict:
    violations = context.document.violations
    if not violations:
        return passed(f"{context.path} is strict JSON")
    number = len(violations)
    return failed(f"{context.path} has {number} violation{'' if number == 1 else 's'} of strict JSON", *violations)
