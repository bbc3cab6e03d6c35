"""A line for people about a step of the promotion. It never fails the run. It is not a task: nothing waits for it."""

from __future__ import annotations

from liftgate.domain.promotion.attempt import Attempt
from liftgate.services import notifications
from liftgate.wiring import integrations


def tell_step(promotion: Attempt, key: str, line: str) -> None:
    """Post in the thread of the promotion's message. The key prevents a second post when the run restarts."""
    notifications.tell_step(integrations(), promotion, key, line)
