"""Finds runs whose process died or whose worker is gone, and starts them again.

It needs only Prefect and has a thread of its own: no repository, forge or chat that hangs keeps a dead run waiting.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from queue import SimpleQueue
from threading import Event
from typing import Final, Protocol

from liftgate.domain.promotion import recovery_rules as rules
from liftgate.domain.promotion.recovery_rules import RecoveryAction, RunSnapshot
from liftgate.integrations.runs.run import Run
from liftgate.services.liveness import ALIVE, Liveness
from liftgate.services.notes import Notes
from liftgate.services.ports import HasLimits, HasRuns
from liftgate.services.rounds import Rounds

log = logging.getLogger(__name__)
FLOWS: Final = ("promote", "update", "rollback", "nightly", "take-over")
MEMORY: Final = timedelta(days=2)
"""How long recovery still looks at a run that ended, besides a gate's deadline: it may have begun long before."""


class Ports(HasRuns, HasLimits, Protocol):
    """What these use cases need."""


class Restarts:
    def __init__(self, at: Ports) -> None:
        self._at: Final = at
        self.liveness = Liveness(at)
        self.given_up: SimpleQueue[tuple[Run, RecoveryAction]] = SimpleQueue()
        """Runs that people must look at, each once. To tell them may take long, so another thread does it."""
        self._rounds = Rounds(log)
        """Runs that need nothing more, by the moment of their state."""

    def run(self, stop: Event) -> None:
        """Run until `stop` is set; log every error."""
        self._rounds.repeat(stop, self._at.limits.recovery_every, self.once, "runs that died could not be looked for")

    def once(self) -> list[RecoveryAction]:
        """Look once at the runs that crashed or have a worker, crashed ones first; returns the actions."""
        at = self._at
        alive = at.runs.find(flows=FLOWS, states=ALIVE)
        crashed = at.runs.find(flows=FLOWS, states=("CRASHED",), ended=ended_since(at))
        self._rounds.warn(crashed.notices)  # those about runs with a worker are in the list of recovery too
        runs = self._rounds.open(alive.with_more(crashed))
        self.liveness.follow([run for run in runs if run.state in ALIVE])
        crashed_first = sorted(runs, key=lambda run: run.state != "CRASHED")
        done = [self._rounds.looked_at(run, self._look) for run in crashed_first]
        return [need for need in done if need and need.action != "leave alone"]

    def _look(self, run: Run) -> RecoveryAction:
        snapshot = self._snapshot(run)
        need = rules.recovery_action(snapshot)
        if need.action == "leave alone":
            return need
        log.info("%s %s: %s", run.name, need.sentence, need.action)
        if need.action == "tell":
            self._rounds.is_done(run)
            self.given_up.put((run, need))
        elif need.action == "cancel":
            cancel(self._at, run, need)
        else:
            start_again(self._at, run, need, len(snapshot.claims))
        return need

    def _snapshot(self, run: Run) -> RunSnapshot:
        """The facts that the rules need of such a run; its claims are read only if it would be started again."""
        lost = self.liveness.lost_worker(run) if run.state in ALIVE else None
        snapshot = snapshot_of(run, self._at.clock.now(), worker=lost or "", lost=lost is not None)
        return with_claims(self._at, run, snapshot)


def ended_since(at: HasLimits) -> datetime:
    """When a run may have ended that recovery still looks at."""
    return at.clock.now() - timedelta(seconds=at.limits.gate) - MEMORY


def snapshot_of(run: Run, now: datetime, *, worker: str = "", lost: bool = False) -> RunSnapshot:
    """What Prefect alone says of the run, and of its worker."""
    return RunSnapshot(
        flow=run.flow,
        state=run.state,
        state_name=run.state_name,
        message=run.message,
        since=run.since,
        now=now,
        worker=worker,
        lost=lost,
    )


def with_claims(at: HasRuns, run: Run, snapshot: RunSnapshot) -> RunSnapshot:
    """Who claimed the run before, where it is to be started again."""
    restarts = rules.recovery_action(snapshot).action in ("go on", "roll back")
    return snapshot.copy_with(claims=Notes(at.runs, run.id).claims()) if restarts else snapshot


def start_again(at: Ports, run: Run, need: RecoveryAction, claims: int) -> None:
    """Claim the run with a note first: of several servers that saw the same claims, one wins. Then start it again
    if its state has not changed. Twice would start two processes: Prefect does not check a forced state."""
    notes = Notes(at.runs, run.id)
    if need.action == "roll back":
        notes.keep_stop(need.sentence)
    if notes.claim(claims, at.clock.now()) and has_not_moved(at, run):
        at.runs.rerun(run.id, need.sentence)


def cancel(at: HasRuns, run: Run, need: RecoveryAction) -> None:
    """Safe to repeat: the next round sees a cancelled run."""
    if has_not_moved(at, run):
        name = rules.NOT_STARTED if run.state_name == rules.HELD else "Cancelled"
        at.runs.set_state(run.id, "CANCELLED", name, need.sentence)


def has_not_moved(at: HasRuns, run: Run) -> bool:
    """Whether the run is in the same state still."""
    now = at.runs.read(run.id)
    return now is not None and (now.state, now.since) == (run.state, run.since)
