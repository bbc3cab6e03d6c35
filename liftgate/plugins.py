"""The stable API for a team's own steps: they import this module and nothing else of Liftgate.

Names here change only by adding (docs/how-to/own-step.md).
"""

from __future__ import annotations

from liftgate.domain.common.verdict import Finding, Verdict, failed, not_configured, passed, pending
from liftgate.domain.json_text.pointer import MISSING, find
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.steps.context import Context, Step, StepCapabilities

__all__ = [
    "MISSING",
    "Context",
    "Finding",
    "Misconfigured",
    "Refused",
    "Step",
    "StepCapabilities",
    "Unavailable",
    "Verdict",
    "failed",
    "find",
    "not_configured",
    "passed",
    "pending",
]
