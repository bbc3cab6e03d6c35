"""What the watch for drift reads from Git and writes there: records, and the time spans of our own changes."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from liftgate.domain.commits import signature
from liftgate.domain.drift.record import Ending, Place, Record, Span, joined
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT
from liftgate.errors import LiftgateError
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import promotion_commits
from liftgate.integrations.ledger import drift_files
from liftgate.integrations.ledger.git_branch import REF
from liftgate.services.ports import CanAttest, HasBranch, HasDriftRecords, HasLimits


class Ports(CanAttest, HasBranch, HasLimits, HasDriftRecords, Protocol):
    """What these use cases need."""


log = logging.getLogger(__name__)
_COMMITS: Final = 200
"""How many of the newest promotion commits are checked for an outcome."""


class Book:
    def __init__(self, at: Ports) -> None:
        self._at = at
        self._unwritten: list[Record | Ending] = []
        """What Git did not take, so that people still read it only once."""
        self.trouble = ""
        self._written: tuple[tuple[str, str], list[Record]] = (("", ""), [])

    def records(self) -> list[Record]:
        """The ledger's records as last fetched, read once for each tip, and those not yet written."""
        tips = (self._at.git.resolve(REF), self._at.git.head)
        if self._written[0] != tips:
            self._written = (tips, self._at.drifts())
        written = self._written[1]
        known = {each.path for each in written}
        ours = [each for each in self._unwritten if isinstance(each, Record) and each.path not in known]
        return joined([*written, *ours], (each for each in self._unwritten if isinstance(each, Ending)))

    def fetch(self) -> None:
        """Without the repository people are still informed, with what is known."""
        try:
            self._at.git.fetch()
        except LiftgateError as error:
            log.warning("drift is judged by what was fetched last: %s", error)

    def write(self, what: Record | Ending, tree: ConfigSnapshot) -> bool:
        """False when another server has written it; what cannot be written to Git now is written later."""
        made = self._append(what, tree)
        if made is None:
            log.warning("%s", self.trouble)
            self._unwritten.append(what)
        return made is not False

    def write_the_rest(self, tree: ConfigSnapshot) -> None:
        """Write what could not be written before, in order, up to the first that fails again."""
        while self._unwritten and self._append(self._unwritten[0], tree) is not None:
            self._unwritten.pop(0)

    def _append(self, what: Record | Ending, tree: ConfigSnapshot) -> bool | None:
        """Whether this call wrote it, or an earlier one did; None when that cannot be done, and `trouble` says why."""
        try:
            self.trouble = self._objection(tree)
            return (
                None
                if self.trouble
                else drift_files.append_drift(self._at.git, what, self._at.server_author, self._at.server_key)
            )
        except LiftgateError as error:
            self.trouble = f"drift is not counted: {error}"
            return None

    def spans(self, now: datetime) -> Mapping[Place, list[Span]]:
        """Of the newest promotions and rollbacks, from the commit to the outcome; one without an outcome ends after
        a fixed time."""
        at, limits = self._at, self._at.limits
        longest = timedelta(seconds=3 * (limits.sync + limits.verify))
        over = {entry.promotion: entry.times.finished for entry in at.entries()}
        found: defaultdict[Place, list[Span]] = defaultdict(list)
        for change in promotion_commits(at.git, at.git.ref, limit=_COMMITS):
            place = Place(application=change.trailer(APPLICATION), environment=change.trailer(ENVIRONMENT))
            latest = change.when + longest
            until = over.get(change.promotion) or (latest if latest < now else None)
            found[place].append(Span(change.when, until))
        return found

    def _objection(self, tree: ConfigSnapshot) -> str:
        """Why no process would believe what this server signs. Raises Misconfigured without a key."""
        key = signature.public_bytes(self._at.server_key)
        if not signature.missing(key, (signature.DRIFT,), tree.signers, self._at.clock.now()):
            return ""
        return (
            "drift is not counted: .liftgate/allowed_signers does not allow the Liftgate server's key for "
            f"{signature.DRIFT}; liftgate doctor says which line to add"
        )
