"""The name of the state in which a run ends, by the outcome that it recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from liftgate.domain.ledger.ledger import Outcome

STATE: Final[Mapping[Outcome, str]] = {
    "promoted": "Promoted",
    "verified": "Verified",
    "rolled back": "RolledBack",
    "rollback failed": "RollbackFailed",
    "failed": "Failed",
    "refused": "Refused",
    "expired": "Expired",
    "superseded": "Superseded",
}
_AFTER_REVERT: Final[tuple[Outcome, ...]] = ("verified", "superseded")
"""The outcomes of a rollback after which the bad values are gone."""


def outcome_of_rollback(state: str | None) -> Outcome:
    """Also of one that ended with an error, and has no outcome: it failed."""
    return next((outcome for outcome in _AFTER_REVERT if state == STATE[outcome]), "rollback failed")
