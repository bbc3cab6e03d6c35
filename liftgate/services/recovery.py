"""Looks every few seconds at the runs that ended or wait for people, and does for each what the rules say; runs that
died are started again beside it.

A round costs a bounded number of requests: two lists of runs, one reading of branch, ledger and pauses, the notes of
the runs that ended, and those of a few runs that wait.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from queue import Empty
from threading import Event
from typing import Protocol

from liftgate.domain.promotion import recovery_rules as rules
from liftgate.domain.promotion.announcement import SIGNS, Announcement
from liftgate.domain.promotion.recovery_rules import RecoveryAction, RunSnapshot
from liftgate.errors import LiftgateError
from liftgate.integrations.git.proposals import proposed
from liftgate.integrations.runs.run import Run
from liftgate.services import approvals, reviews
from liftgate.services.choices import Choices
from liftgate.services.leftovers import ENDED, Leftovers
from liftgate.services.notes import Notes
from liftgate.services.notifications import show
from liftgate.services.one_reading import one_reading, read_again
from liftgate.services.overtaken import Overtaken
from liftgate.services.pauses import PauseWatch
from liftgate.services.reached_runs import ReachedRuns
from liftgate.services.record_vote import wake
from liftgate.services.restarts import (
    FLOWS,
    Restarts,
    cancel,
    ended_since,
    has_not_moved,
    snapshot_of,
    start_again,
    with_claims,
)
from liftgate.services.rounds import Rounds
from liftgate.services.take_overs import TakeOvers
from liftgate.services.unsent import UnsentMessages
from liftgate.services.waiting_list import WaitingList
from liftgate.services.waiting_runs import gate_of, place_gone


class Ports(reviews.Ports, Protocol):
    """What these use cases need."""


log = logging.getLogger(__name__)
OVER = ("FAILED", "CANCELLED")
"""A crashed run is not over: it is started again."""
REVIEWS = 60.0
"""Seconds between two looks at the reviews of one run that waits."""
PAUSES = 60.0
"""Seconds between two fetches for pauses alone."""
WAITING = 20
"""The most runs that wait for people and are looked at in one round; the next round looks at the next ones."""
WITHIN = 10.0
"""Seconds after which a round looks at no more of them, so that a slow forge does not keep what ended waiting."""
TOLD_WITHIN = timedelta(minutes=10)
"""After so long a chat that does not answer is not asked again."""


class Recovery:
    def __init__(self, at: Ports) -> None:
        self.at = one_reading(at)
        self.restarts = Restarts(at)
        """For a thread of its own, so that no remote that hangs delays it."""
        self._reached = ReachedRuns(self.at)
        self.take_overs, self.choices = TakeOvers(at), Choices(at)
        self._unsent = UnsentMessages(self.at)
        self._leftovers = Leftovers(at)
        self._list = WaitingList(self.at, FLOWS, WAITING)
        self._rounds = Rounds(log)
        """Runs that need nothing more, by the moment of their state."""
        self._read_again: dict[str, float] = {}
        self._proposed: frozenset[str] = frozenset()
        self._looked: dict[tuple[str, datetime], float] = {}
        """When each run that waits was looked at, by the moment of its state."""
        self._overtaken = Overtaken(self.at, self._end)
        self._watch = PauseWatch(at)
        self._fetch_again = 0.0
        self._trouble = ""
        """Why pauses could not be kept, so that it is logged once."""

    def run(self, stop: Event) -> None:
        """Look at all but the restarts until `stop` is set; log every error, and try again."""
        self._rounds.repeat(stop, self.at.limits.recovery_every, self.look_at_others, "recovery could not look")

    def once(self) -> list[RecoveryAction]:
        """Look once at the unfinished runs of this installation, dead ones first; returns the actions."""
        return [*self.restarts.once(), *self.look_at_others()]

    def look_at_others(self) -> list[RecoveryAction]:
        """At the runs that ended and those that wait, at pauses, and at what people changed by hand."""
        at = self.at
        read_again(at)
        self._tell_of_given_up()
        at.git.prepare()
        found = self._list.unfinished()
        found = found.with_more(at.runs.find(flows=FLOWS, states=OVER, ended=ended_since(at)))
        self._rounds.warn(found.notices)
        runs = self._rounds.open(found)
        over, paused = [run for run in runs if run.state in OVER], self._pauses()
        if (over or (runs and paused)) and not self._is_fetched():
            over = []
        done = [self._rounds.looked_at(run, self.look) for run in over]
        self._overtaken.wake(runs)
        done += self._wait([run for run in runs if run.state == "PAUSED"])
        self.take_overs.look()
        self.choices.look()
        self._leftovers.look({run.id for run in found.runs if run.state not in ENDED})
        return [need for need in done if need and need.action != "leave alone"]

    def _tell_of_given_up(self) -> None:
        while True:
            try:
                run, need = self.restarts.given_up.get_nowait()
            except Empty:
                return
            try:
                self._tell(run, need)
            except LiftgateError as error:
                log.warning("%s: people could not be told: %s", run.name, error)

    def _wait(self, waiting: list[Run]) -> Iterable[RecoveryAction | None]:
        """Of the runs that wait for people, those that were looked at longest ago."""
        self._looked = {key: self._looked.get(key, -math.inf) for key in ((run.id, run.since) for run in waiting)}
        self._read_again = {run.id: self._read_again.get(run.id, -math.inf) for run in waiting}
        self._unsent.keep(waiting)
        if not waiting:
            return
        self._proposed = proposed(self.at.git)
        until = self.at.clock.monotonic() + WITHIN
        waiting.sort(key=lambda run: self._looked[run.id, run.since])
        for run in waiting[:WAITING]:
            if (now := self.at.clock.monotonic()) > until:
                return
            self._looked[run.id, run.since] = now
            yield self._rounds.looked_at(run, self.look)
            self._ask_again(run)

    def _ask_again(self, run: Run) -> None:
        try:
            self._unsent.send(run)
        except LiftgateError as error:
            log.warning("%s: people could not be asked: %s", run.name, error)
        except Exception:
            log.exception("%s: people could not be asked", run.name)

    def _is_fetched(self) -> bool:
        """Without the repository only the runs that need it wait: crashed runs are still started again."""
        try:
            self.at.git.fetch()
        except LiftgateError as error:
            log.warning("recovery handles only runs that need no fetch: %s", error)
            return False
        return True

    def _pauses(self) -> bool:
        """Whether promotions are paused; each minute after a fetch of its own, so that no pause comes and goes
        unseen."""
        now = self.at.clock.monotonic()
        try:
            if now >= self._fetch_again:
                self._fetch_again = now + PAUSES
                self.at.git.fetch()
            standing, self._trouble = bool(self._watch.look()), ""
        except LiftgateError as error:
            if self._trouble != str(error):
                log.warning("pauses could not be kept: %s", error)
            standing, self._trouble = True, str(error)
        return standing

    def look(self, run: Run) -> RecoveryAction:
        """Do for one run what it needs. Git must have been fetched since it entered its state."""
        standing = self.standing(run)
        need = rules.recovery_action(standing)
        if need.action == "leave alone":
            if run.state in OVER and need.is_final:
                self._rounds.is_done(run)
            return need
        log.info("%s %s: %s", run.name, need.sentence, need.action)
        if need.action == "wake":
            self._wake(run, need)
        elif need.action == "tell":
            self._tell(run, need)
        elif need.action == "cancel":
            cancel(self.at, run, need)
        else:
            start_again(self.at, run, need, len(standing.claims))
        return need

    def standing(self, run: Run) -> RunSnapshot:
        """The facts that the rules need, with as few requests as possible."""
        self._reviews(run)
        at, over = self.at, run.state in OVER
        approval, committed = self._question(run), self._reached.committed(run) if over else None
        snapshot = snapshot_of(run, at.clock.now()).copy_with(
            committed=committed is not None,
            deadline=committed and committed + timedelta(seconds=at.limits.sync + at.limits.verify),
            entry=self._reached.entry(run) if over else None,
            decided=approval is not None and not approval.decision.waits,
            outdated=approval is not None and approval.is_outdated and not self._was_told(approval),
        )
        return with_claims(at, run, snapshot)

    def _question(self, run: Run) -> approvals.PendingApproval | None:
        if not gate_of(run):
            return None
        if gone := place_gone(self.at.latest, run):
            self._end(run, gone)
            return None
        return approvals.pending_approval(self.at, self.at.latest, run)

    def _reviews(self, run: Run) -> None:
        """Every minute, for servers that get no webhook; a forge that does not answer stops nothing else."""
        now = self.at.clock.monotonic()
        if run.id not in self._proposed or now < self._read_again.get(run.id, -math.inf):
            return
        self._read_again[run.id] = now + REVIEWS
        try:
            reviews.take(self.at, run, within=REVIEWS / 2)
        except LiftgateError as error:
            log.warning("%s: reviews could not be read: %s", run.name, error)

    def _notes(self, run: Run) -> Notes:
        return Notes(self.at.runs, run.id)

    def _wake(self, run: Run, need: RecoveryAction) -> None:
        """By the rules as they are now: the flow checks them too, and would only wait again.

        A run that was killed while Prefect suspended it has no form to answer: it starts again instead.
        """
        self.at.git.fetch()
        claims, approval = len(self._notes(run).claims()), self._question(run)
        if approval and approval.is_outdated:
            self._plan_again(approval, need)
        elif approval and not approval.decision.waits and not wake(self.at, approval) and has_not_moved(self.at, run):
            start_again(self.at, run, need, claims)

    def _end(self, run: Run, why: str) -> None:
        """A run that has no form to answer ends for a reason that it sees when it starts again."""
        if has_not_moved(self.at, run):
            need = RecoveryAction(action="wake", sentence=why)
            start_again(self.at, run, need, len(self._notes(run).claims()))

    def _was_told(self, approval: approvals.PendingApproval) -> bool:
        return self._notes(approval.run).was_replanned(approval.gate, self.at.git.head)

    def _plan_again(self, approval: approvals.PendingApproval, need: RecoveryAction) -> None:
        """Once for a gate and a commit, by one server."""
        run, now = approval.run, self.at.clock.now()
        if self._notes(run).replan_once(approval.gate, self.at.git.head, now) and has_not_moved(self.at, run):
            self.at.runs.rerun(run.id, need.sentence)

    def _tell(self, run: Run, need: RecoveryAction) -> None:
        """Once for each run, in its message; the buttons disappear. A run without a message gets one for its outcome.
        Tried again each round for a while where the chat does not answer."""
        notes, now = self._notes(run), self.at.clock.now()
        if (need.entry or notes.place()) and not notes.was_told_of_its_end(run.state):
            if not notes.may_tell_of_its_end(run.state, now):
                return  # another server is sending it
            sign = SIGNS[need.entry.outcome] if need.entry else "⛔"
            page = self.at.page(run.id)
            said = Announcement(promotion=run.id, title=run.name, state=f"{sign} {need.sentence}", url=page)
            if now - run.since > TOLD_WITHIN:
                self._rounds.is_done(run)  # this is the last try
            show(self.at, run.id, said, run.created)
            notes.tell_end_once(run.state, need.sentence)
        self._rounds.is_done(run)
