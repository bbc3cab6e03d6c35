"""How far the promotions of many runs came, by Git and the ledger as last fetched."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.take_over import FLOW, hand_made_of, promotion_of
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.history import find_change, promotions_of
from liftgate.integrations.ledger import git_branch
from liftgate.integrations.runs.run import Run
from liftgate.services.hand_made import find_hand_made_commit
from liftgate.services.in_force import in_force_for_people
from liftgate.services.ports import HasBranch


class Ports(HasBranch, Protocol):
    """What these use cases need."""


class ReachedRuns:
    """Branch and ledger are read once for each head and tip."""

    def __init__(self, at: Ports) -> None:
        self._at = at
        self._known: tuple[str, dict[str, str]] = ("", {})
        self._ledger: tuple[str, dict[str, Entry]] = ("", {})

    def committed(self, run: Run) -> datetime | None:
        """When its promotion committed; None if it did not. What is taken over was there when its run was made; None
        where nothing is to be taken over any more."""
        if run.flow == FLOW:
            return run.created if self._is_to_do(run) else None
        head = self._at.git.head
        if self._known[0] != head:
            self._known = (head, promotions_of(self._at.git, head))
        commit = self._known[1].get(run.id)
        change = find_change(self._at.git, commit) if commit else None
        return change.when if change and change.promotion == run.id else None

    def _is_to_do(self, run: Run) -> bool:
        at = in_force_for_people(self._at)
        try:
            find_hand_made_commit(at, at.latest, hand_made_of(run.parameters))
        except (Refused, Misconfigured):
            return False
        return True

    def entry(self, run: Run) -> Entry | None:
        """The outcome of its promotion; None while there is none."""
        tip = self._at.git.resolve(git_branch.REF)
        if self._ledger[0] != tip:
            self._ledger = (tip, {entry.promotion: entry for entry in self._at.entries()})
        return self._ledger[1].get(promotion_of(run.flow, run.id, run.parameters))
