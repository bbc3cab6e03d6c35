"""Notifies people of drift in the chat: once when it is found, and once when it is gone."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final, Protocol

from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.drift.record import Record, is_open
from liftgate.domain.ledger import ledger
from liftgate.domain.promotion import announcement, drift_words
from liftgate.domain.promotion.announcement import Announcement
from liftgate.errors import LiftgateError
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.ports import HasBranch, HasChat


class Ports(HasBranch, HasChat, Protocol):
    """What these use cases need."""


log = logging.getLogger(__name__)
_BEFORE: Final = timedelta(minutes=1)
LATE, TOO_LATE = timedelta(seconds=90), timedelta(minutes=10)
"""When the writer of a record should have sent its message, and when it is too late to send one."""


class Tell:
    def __init__(self, at: Ports) -> None:
        self._at = at
        self._told: dict[str, announcement.Place | None] = {}

    def found(self, tree: ConfigSnapshot, record: Record) -> None:
        """Does not repeat a message that an earlier process has sent."""
        if record.id in self._told:
            return
        try:
            place = self._find(record)
            self._told[record.id] = place or self._at.chat.post(self._about(tree, record, drift_words.found))
        except LiftgateError as error:
            log.warning(
                "the message about drift of %s in %s could not be sent: %s",
                record.application,
                record.environment,
                error,
            )

    def missed(self, tree: ConfigSnapshot, record: Record, now: datetime) -> None:
        """Send the message that another process recorded but may have died before sending."""
        if is_open(record) and LATE <= now - record.seen <= TOO_LATE:
            self.found(tree, record)

    def gone(self, tree: ConfigSnapshot, record: Record) -> None:
        try:
            place = self._told.pop(record.id, None) or self._find(record)
            if place is None:
                return
            self._at.chat.update(place, self._about(tree, record, drift_words.gone))
            self._at.chat.reply(place, drift_words.ending(record))
        except LiftgateError as error:
            log.warning("no message about the end of a drift: %s", error)

    def _find(self, record: Record) -> announcement.Place | None:
        return self._at.chat.find(record.id, record.seen - _BEFORE)

    def _about(self, tree: ConfigSnapshot, record: Record, words: drift_words.Words) -> Announcement:
        approvals = tree.configuration.policy_of(record.environment).approvals
        last = ledger.last_verified(self._at.entries(record.application, record.environment))
        owner = ", ".join(names(tree.argocd(record.application, record.environment)))
        return words(record, approvals.people if approvals else (), last, owner)
