"""A line for people at a step of the course; never worth failing for, and no task: nothing waits for it."""

from __future__ import annotations

from liftgate.domain.promotion import Promotion
from liftgate.services import notifications
from liftgate.wiring import integrations


def tell_step(promotion: Promotion, key: str, line: str) -> None:
    """In the thread of the promotion's message; the key makes it come once, however often the run begins again."""
    notifications.tell_step(integrations(), promotion, key, line)
