"""`backup-check`: the ledger's copy of the last verified values is what was verified, so that there is a way back."""

from __future__ import annotations

from liftgate.domain.common.verdict import Verdict
from liftgate.domain.ledger.backup import backup_verdict
from liftgate.steps.context import Context


def run(context: Context) -> Verdict:
    """No settings. This promotion's own copy is written after it is verified: the one before it is compared."""
    return backup_verdict(context.capabilities.backup(), context.application, context.environment)
