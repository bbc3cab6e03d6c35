"""Looks every few seconds for runs that died, and gives each what the rules say it needs."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from threading import Event
from typing import Protocol

from liftgate.domain import sweep as rules
from liftgate.domain.announcement import Announcement
from liftgate.domain.ledger import Entry
from liftgate.domain.sweep import Need, Standing
from liftgate.errors import LiftgateError
from liftgate.integrations.git import stops
from liftgate.integrations.git.history import promotion_commits
from liftgate.integrations.ledger import git_branch
from liftgate.integrations.runs.run import Run
from liftgate.services import approvals as questions
from liftgate.services import reviews
from liftgate.services.decide import wake
from liftgate.services.notes import Notes


class Ports(reviews.Ports, Protocol):
    """What these use cases need."""


log = logging.getLogger(__name__)
FLOWS = ("promote", "update", "rollback", "nightly")
STATES = ("PAUSED", "RUNNING", "PENDING", "CRASHED", "FAILED", "CANCELLED")
OVER = ("FAILED", "CANCELLED")
REVIEWS = 60.0
"""Seconds between two looks at the reviews of one run that waits."""
MEMORY = timedelta(days=2)
"""How long after a gate's deadline a run that is over is still looked at."""


class Sweep:
    def __init__(self, at: Ports) -> None:
        self.at = at
        self._known: tuple[str, dict[str, datetime]] = ("", {})
        self._ledger: tuple[str, dict[str, Entry]] = ("", {})
        self._done: dict[str, datetime] = {}
        """Runs that need nothing more, by the moment of their state."""
        self._read_again: dict[str, float] = {}
        self._warned: tuple[str, ...] = ()

    def run(self, stop: Event) -> None:
        """Until told to stop; whatever goes wrong is said, and tried again."""
        while not stop.wait(self.at.limits.recovery_every):
            try:
                self.once()
            except LiftgateError as error:
                log.warning("the sweep could not look: %s", error)
            except Exception:
                log.exception("the sweep failed; it goes on")

    def once(self) -> list[Need]:
        """One look at every run of this installation that is not done; what was done."""
        at = self.at
        at.git.prepare()
        since = at.clock.now() - timedelta(seconds=at.limits.gate) - MEMORY
        found = at.runs.find(flows=FLOWS, states=STATES, since=since)
        self._warn(found.notices)
        runs = [run for run in found.runs if run.deployment and self._done.get(run.id) != run.since]
        over = any(run.state in OVER for run in runs)
        if (over or (runs and stops.read(at.git))) and not self._is_fetched():
            runs = [run for run in runs if run.state not in OVER]
        done = []
        for run in runs:
            try:
                done.append(self.look(run))
            except LiftgateError as error:
                log.warning("%s: %s", run.name, error)
            except Exception:  # one run whose record is strange stops no other
                log.exception("%s could not be looked at; the others are", run.name)
        return [need for need in done if need.action != "leave alone"]

    def _is_fetched(self) -> bool:
        """A repository that is away holds up the runs that need it and no others: what crashed goes on."""
        try:
            self.at.git.fetch()
        except LiftgateError as error:
            log.warning("the sweep looks only at what needs no fetch: %s", error)
            return False
        return True

    def _warn(self, notices: tuple[str, ...]) -> None:
        """Once as long as they are the same."""
        if notices != self._warned:
            self._warned = notices
            for notice in notices:
                log.warning("%s", notice)

    def look(self, run: Run) -> Need:
        """Give one run what it needs. Git must have been fetched since it entered its state."""
        standing = self.standing(run)
        need = rules.need(standing)
        if need.action == "leave alone":
            if run.state in OVER and need.is_final:
                self._done[run.id] = run.since
            return need
        log.info("%s %s: %s", run.name, need.sentence, need.action)
        if need.action == "wake":
            self._wake(run, need)
        elif need.action == "tell":
            self._tell(run, need)
        else:
            self._again(run, need, len(standing.claims))
        return need

    def standing(self, run: Run) -> Standing:
        """The facts the rules ask for, with no more calls than they take."""
        self._reviews(run)
        at, over, alive = self.at, run.state in OVER, run.state in ("RUNNING", "PENDING")
        question, now = self._question(run), at.clock.now()
        committed = self.committed().get(run.id) if over else None
        heard = at.runs.heard_from() if alive else None
        return Standing(
            flow=run.flow,
            state=run.state,
            state_name=run.state_name,
            message=run.message,
            since=self._sign_of_life(run) if alive and rules.is_unheard(heard, now) else run.since,
            now=now,
            committed=committed is not None,
            deadline=committed and committed + timedelta(seconds=at.limits.sync + at.limits.verify),
            entry=self.entries().get(run.id) if over else None,
            decided=question is not None and not question.decision.waits,
            outdated=question is not None and question.is_outdated and not self._was_told(question),
            heard=heard,
            claims=() if run.state == "PAUSED" else self._notes(run).claims(),
        )

    def committed(self) -> dict[str, datetime]:
        """The promotions that have a commit on the branch as last fetched, and since when; read once for each head."""
        head = self.at.git.head
        if self._known[0] != head:
            self._known = (head, {each.promotion: each.when for each in promotion_commits(self.at.git, head)})
        return self._known[1]

    def entries(self) -> dict[str, Entry]:
        """The ledger as last fetched, by promotion; read once for each tip."""
        tip = self.at.git.resolve(git_branch.REF)
        if self._ledger[0] != tip:
            self._ledger = (tip, {entry.promotion: entry for entry in self.at.entries()})
        return self._ledger[1]

    def _question(self, run: Run) -> questions.Question | None:
        if not questions.gate_of(run):
            return None
        return questions.read(self.at, self.at.latest, run)

    def _reviews(self, run: Run) -> None:
        """Every minute, for where no webhook comes; a forge that is away stops nothing else."""
        now = self.at.clock.monotonic()
        if run.state != "PAUSED" or now < self._read_again.get(run.id, 0.0):
            return
        self._read_again[run.id] = now + REVIEWS
        try:
            reviews.take(self.at, run)
        except LiftgateError as error:
            log.warning("%s: reviews could not be read: %s", run.name, error)

    def _notes(self, run: Run) -> Notes:
        return Notes(self.at.runs, run.id)

    def _sign_of_life(self, run: Run) -> datetime:
        return max((moment.when for moment in self.at.runs.history(run.id)), default=run.since)

    def _again(self, run: Run, need: Need, claims: int) -> None:
        """Said on the run first, by whoever is quickest among those who saw as many claims; then done, if the run
        still stands as it was seen. Twice would start two processes, because a forced state asks nobody."""
        notes = self._notes(run)
        if need.action == "roll back":
            notes.keep_stop(need.sentence)
        if notes.claim(claims, self.at.clock.now()) and self._is_so(run):
            self.at.runs.rerun(run.id, need.sentence)

    def _is_so(self, run: Run) -> bool:
        now = self.at.runs.read(run.id)
        return now is not None and (now.state, now.since) == (run.state, run.since)

    def _wake(self, run: Run, need: Need) -> None:
        """By the rules as they are now: the flow asks these, and would only go back to waiting.

        A run killed just when it was suspended has no form to answer, ever: it begins again instead.
        """
        self.at.git.fetch()
        claims, question = len(self._notes(run).claims()), self._question(run)
        if question and question.is_outdated:
            self._plan_again(question, need)
        elif question and not question.decision.waits and not wake(self.at, question) and self._is_so(run):
            self._again(run, need, claims)

    def _was_told(self, question: questions.Question) -> bool:
        return self._notes(question.run).was_replanned(question.gate, self.at.git.head)

    def _plan_again(self, question: questions.Question, need: Need) -> None:
        """Once for a gate and a commit, by one gatehouse."""
        run, now = question.run, self.at.clock.now()
        if self._notes(run).replan_once(question.gate, self.at.git.head, now) and self._is_so(run):
            self.at.runs.rerun(run.id, need.sentence)

    def _tell(self, run: Run, need: Need) -> None:
        """Once for each run, in its message; its buttons go."""
        self._done[run.id] = run.since
        notes = self._notes(run)
        place = notes.place()
        if place and notes.tell_end_once(run.state, need.sentence):
            page = self.at.page(run.id)
            said = Announcement(promotion=run.id, title=run.name, state=f"⛔ {need.sentence}", url=page)
            self.at.chat.update(place, said)
