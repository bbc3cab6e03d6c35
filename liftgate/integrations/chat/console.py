"""Messages to the log, where no chat is set up."""

from __future__ import annotations

import logging
from datetime import datetime

from liftgate.domain.approval.policy import Person
from liftgate.domain.common.plain import visible
from liftgate.domain.promotion.announcement import Announcement, Place

log = logging.getLogger(__name__)


class Console:
    def post(self, announcement: Announcement) -> Place | None:
        log.info("%s: %s", visible(announcement.title), visible(announcement.state))
        return None

    def update(self, place: Place, announcement: Announcement) -> bool:
        log.info("%s: %s", visible(announcement.title), visible(announcement.state))
        return True

    def reply(self, place: Place, text: str) -> None:
        log.info("%s", visible(text))

    def find(self, promotion: str, since: datetime) -> Place | None:
        return None

    def workspace(self) -> str:
        return ""

    def account(self, person: Person) -> str:
        return ""
