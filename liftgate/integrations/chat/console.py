"""Messages to the log, where no chat is set up."""

from __future__ import annotations

import logging
from datetime import datetime

from liftgate.domain.announcement import Announcement, Place
from liftgate.domain.policy import Person

log = logging.getLogger(__name__)


class Console:
    def post(self, announcement: Announcement) -> Place | None:
        log.info("%s: %s", announcement.title, announcement.state)
        return None

    def update(self, place: Place, announcement: Announcement) -> None:
        log.info("%s: %s", announcement.title, announcement.state)

    def reply(self, place: Place, text: str) -> None:
        log.info("%s", text)

    def find(self, promotion: str, since: datetime) -> Place | None:
        return None

    def account(self, person: Person) -> str:
        return ""
