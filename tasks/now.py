"""The time and the verification deadline, from the wiring."""

from __future__ import annotations

from datetime import datetime

from liftgate.wiring import integrations


def now() -> datetime:
    return integrations().clock.now()


def patience() -> float:
    """Seconds that all verification steps together may take; a step without a verdict after that has failed."""
    return integrations().settings.verify_deadline
