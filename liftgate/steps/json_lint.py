"""The step `json-lint`: the file is strict JSON, or every violation is named with its place."""

from __future__ import annotations

from liftgate.domain.common.verdict import Verdict
from liftgate.steps.context import Context
from liftgate.steps.reading import lint


def run(context: Context) -> Verdict:
    return lint(context)
