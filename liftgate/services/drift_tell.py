"""Telling people of drift in the chat: once for each, and once more when it is gone."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final, Protocol

from liftgate.domain import announcement, drift_words, ledger
from liftgate.domain.announcement import Announcement
from liftgate.domain.drift_record import Record, is_open
from liftgate.domain.waves import names
from liftgate.errors import LiftgateError
from liftgate.integrations.git.tree import Tree
from liftgate.services.ports import HasBranch, HasChat


class Ports(HasBranch, HasChat, Protocol):
    """What these use cases need."""


log = logging.getLogger(__name__)
_BEFORE: Final = timedelta(minutes=1)
LATE, TOO_LATE = timedelta(seconds=90), timedelta(minutes=10)
"""When whoever wrote a record should have told of it, and when it is too old to be told of."""


class Tell:
    def __init__(self, at: Ports) -> None:
        self._at = at
        self._told: dict[str, announcement.Place | None] = {}

    def found(self, tree: Tree, record: Record) -> None:
        """A message that a process before this one has sent is not sent again."""
        if record.id in self._told:
            return
        try:
            place = self._find(record)
            self._told[record.id] = place or self._at.chat.post(self._about(tree, record, drift_words.found))
        except LiftgateError as error:
            log.warning("drift of %s in %s could not be told: %s", record.application, record.environment, error)

    def missed(self, tree: Tree, record: Record, now: datetime) -> None:
        """Tell of what was written by a process that may have died before it could."""
        if is_open(record) and LATE <= now - record.seen <= TOO_LATE:
            self.found(tree, record)

    def gone(self, tree: Tree, record: Record) -> None:
        try:
            place = self._told.pop(record.id, None) or self._find(record)
            if place is None:
                return
            self._at.chat.update(place, self._about(tree, record, drift_words.gone))
            self._at.chat.reply(place, drift_words.ending(record))
        except LiftgateError as error:
            log.warning("the end of a drift could not be told: %s", error)

    def _find(self, record: Record) -> announcement.Place | None:
        return self._at.chat.find(record.id, record.seen - _BEFORE)

    def _about(self, tree: Tree, record: Record, words: drift_words.Words) -> Announcement:
        approvals = tree.configuration.policy_of(record.environment).approvals
        last = ledger.last_verified(self._at.entries(record.application, record.environment))
        owner = ", ".join(names(tree.argocd(record.application, record.environment)))
        return words(record, approvals.people if approvals else (), last, owner)
