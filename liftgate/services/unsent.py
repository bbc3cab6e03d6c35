"""Asks people for a promotion that waits at its gate where the chat did not take the message of the run itself."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Final, Protocol

from liftgate.domain.promotion import announcement
from liftgate.domain.promotion.announcement import NOW, Announcement
from liftgate.domain.promotion.run_request import as_stored
from liftgate.integrations.runs.run import Run
from liftgate.services import approvals, notifications, planned
from liftgate.services.choose_release import version_there
from liftgate.services.notes import Notes
from liftgate.services.waiting_runs import gate_of

AGAIN: Final = 30.0
"""Seconds until a chat that did not answer is tried again, with any message."""


class Ports(approvals.Ports, Protocol):
    """What this use case needs."""


class UnsentMessages:
    """The message says what the server itself finds in Git: everyone who can write to Prefect may have written the note
    that it was not sent."""

    def __init__(self, at: Ports) -> None:
        self._at = at
        self._done: dict[str, str] = {}
        """By run, the wait that needs no message any more."""
        self._not_before = -math.inf

    def keep(self, waiting: Collection[Run]) -> None:
        """Forget all other runs."""
        self._done = {run.id: self._done[run.id] for run in waiting if run.id in self._done}

    def send(self, run: Run) -> None:
        """If the run waits at a gate and people were not asked. Raises what the chat, Prefect and the forge raise."""
        at, wait = self._at, run.pause_key
        if not gate_of(run) or self._done.get(run.id) == wait or at.clock.monotonic() < self._not_before:
            return
        notes = Notes(at.runs, run.id)
        if not notes.is_unsent(wait):
            self._done[run.id] = wait
        elif (said := self._asking(run)) and notes.may_ask(wait, at.clock.now()) and self._still_waits(run):
            self._not_before = at.clock.monotonic() + AGAIN
            notifications.show(at, run.id, said, run.created)
            self._not_before = -math.inf
            self._done[run.id] = wait

    def _still_waits(self, run: Run) -> bool:
        """The list of runs that wait may be older, and to make the message takes a while."""
        now = self._at.runs.read(run.id)
        return now is not None and (now.state, now.pause_key) == (run.state, run.pause_key)

    def _asking(self, run: Run) -> Announcement | None:
        """None while no plan can be shown."""
        at, tree = self._at, self._at.latest
        approval, shown = approvals.pending_approval(at, tree, run), planned.plan_at_gate(at, tree, run, gate_of(run))
        if shown.plan is None or not approval.decision.waits:
            return None
        asked = as_stored(run.flow, run.parameters)
        there = version_there(tree, asked.application, asked.environment)
        said = Announcement(
            promotion=run.id,
            title=run.name,
            state="",
            facts=announcement.facts(approval.requester, NOW, there, asked.reason),
            url=at.page(run.id),
        )
        return announcement.asking(said, shown.plan, approval.decision, approval.shown)
