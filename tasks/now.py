"""The time, and how much of it there is, as the wiring has them."""

from __future__ import annotations

from datetime import datetime

from liftgate.wiring import integrations


def now() -> datetime:
    return integrations().clock.now()


def patience() -> float:
    """Seconds the verification steps may take together: silence after that is a failed verdict."""
    return integrations().settings.verify_deadline
