"""Telling people: one message for a promotion, updated in place, its steps in the thread."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from liftgate.domain.announcement import Announcement, Place
from liftgate.domain.policy import Person
from liftgate.integrations.products import Product


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


PRODUCTS: Final[dict[str, Product[Chat]]] = {"slack": Product("liftgate.integrations.chat.slack:Slack")}
"""By the name that settings and the accounts of `people` have for them; the first that is set up is used."""
LOG: Final[Product[Chat]] = Product("liftgate.integrations.chat.console:Console")
"""Where none is."""
