"""Telling people: one message for a promotion, updated in place, its steps in the thread."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from liftgate.domain.approval.policy import Person
from liftgate.domain.promotion.announcement import Announcement, Place


class Chat(Protocol):
    """A message that cannot be sent never fails a promotion: the sender catches Unavailable."""

    def post(self, announcement: Announcement) -> Place | None:
        """Send it; None where there is no place to update later."""

    def update(self, place: Place, announcement: Announcement) -> bool:
        """False where the message is gone: a person deleted it."""

    def reply(self, place: Place, text: str) -> None:
        """A line below the message."""

    def find(self, promotion: str, since: datetime) -> Place | None:
        """The promotion's message, for a run that died between sending and noting where."""

    def workspace(self) -> str:
        """Id of the workspace whose clicks count; empty where there are no clicks. Raises Unavailable."""

    def account(self, person: Person) -> str:
        """By which a message calls the person; empty where `people` does not say it, or says no such name."""
