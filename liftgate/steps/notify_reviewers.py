"""Tell people in the chat what is planned."""

from __future__ import annotations

from liftgate.domain.common.verdict import Verdict, passed
from liftgate.steps.context import Context


def run(context: Context) -> Verdict:
    """Always passed: a chat that is down stops nothing, and a slow one delays nothing."""
    context.capabilities.tell(context.planned)
    return passed("people are notified")
