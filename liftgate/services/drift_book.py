"""What the watch for drift knows from Git, and writes there: records, and which places are in our own hands."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from liftgate.domain import signature
from liftgate.domain.drift_record import Ending, Place, Record, Span, joined
from liftgate.domain.message import APPLICATION, ENVIRONMENT
from liftgate.errors import LiftgateError
from liftgate.integrations.git.history import promotion_commits
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.ledger import drift_files
from liftgate.integrations.ledger.git_branch import REF
from liftgate.services.ports import CanAttest, HasBranch, HasDriftRecords, HasLimits


class Ports(CanAttest, HasBranch, HasLimits, HasDriftRecords, Protocol):
    """What these use cases need."""


log = logging.getLogger(__name__)
_COMMITS: Final = 200
"""How many of the newest promotions' commits are asked whether their outcome is known."""


class Book:
    def __init__(self, at: Ports) -> None:
        self._at = at
        self._unwritten: list[Record | Ending] = []
        """What Git did not take, so that it is told only once all the same."""
        self.trouble = ""
        self._written: tuple[tuple[str, str], list[Record]] = (("", ""), [])

    def records(self) -> list[Record]:
        """The ledger's as last fetched, read once for each tip, and those that could not be written."""
        tips = (self._at.git.resolve(REF), self._at.git.head)
        if self._written[0] != tips:
            self._written = (tips, self._at.drifts())
        written = self._written[1]
        known = {each.path for each in written}
        ours = [each for each in self._unwritten if isinstance(each, Record) and each.path not in known]
        return joined([*written, *ours], (each for each in self._unwritten if isinstance(each, Ending)))

    def fetch(self) -> None:
        """Without the repository people are told all the same, by what is known of it."""
        try:
            self._at.git.fetch()
        except LiftgateError as error:
            log.warning("drift is judged by what was fetched last: %s", error)

    def write(self, what: Record | Ending, tree: Tree) -> bool:
        """Whether it was this gatehouse that had it to write; what Git does not take now is written later."""
        made = self._append(what, tree)
        if made is None:
            log.warning("%s", self.trouble)
            self._unwritten.append(what)
        return made is not False

    def write_the_rest(self, tree: Tree) -> None:
        """What Git did not take before, in its order, up to the first that it does not take now either."""
        while self._unwritten and self._append(self._unwritten[0], tree) is not None:
            self._unwritten.pop(0)

    def _append(self, what: Record | Ending, tree: Tree) -> bool | None:
        """Whether this call wrote it, or somebody had before; None when that cannot be done, and `trouble` says why."""
        try:
            self.trouble = self._objection(tree)
            return (
                None
                if self.trouble
                else drift_files.append(self._at.git, what, self._at.gatehouse_author, self._at.gatehouse_key)
            )
        except LiftgateError as error:
            self.trouble = f"drift is not counted: {error}"
            return None

    def spans(self, now: datetime) -> Mapping[Place, list[Span]]:
        """Of the newest promotions and rollbacks, from the commit to the outcome; one that never gets an outcome is
        over after a while."""
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

    def _objection(self, tree: Tree) -> str:
        """Why what this gatehouse signs would be believed by nobody. Raises Misconfigured without a key."""
        key = signature.public_bytes(self._at.gatehouse_key)
        if not signature.missing(key, (signature.DRIFT,), tree.signers):
            return ""
        return (
            "drift is not counted: .liftgate/allowed_signers does not allow the gatehouse's key for "
            f"{signature.DRIFT}; liftgate doctor says which line to add"
        )
