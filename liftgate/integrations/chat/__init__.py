"""Telling people: one message for a promotion, updated in place, its steps in the thread."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from liftgate.domain.announcement import Announcement, Place
from liftgate.domain.policy import Person


class Chat(Protocol):
    """Telling is never worth failing a promotion for: Unavailable is caught by whoever tells."""

    def post(self, announcement: Announcement) -> Place | None:
        """Send it; None where there is no place to update later."""

    def update(self, place: Place, announcement: Announcement) -> None: ...

    def reply(self, place: Place, text: str) -> None:
        """A line below the message."""

    def find(self, promotion: str, since: datetime) -> Place | None:
        """The promotion's message, for a run that died between sending and noting where."""

    def account(self, person: Person) -> str:
        """By which a message calls the person; empty where `people` does not say it, or says no such name."""
