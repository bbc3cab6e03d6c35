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
from liftgate.errors import LiftgateError
from liftgate.integrations.runs.run import Run
from liftgate.services.liveness import ALIVE, Liveness
from liftgate.services.notes import Notes
from liftgate.services.ports import HasLimits, HasRuns

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
        self._done: dict[str, datetime] = {}
        """Runs that need nothing more, by the moment of their state."""
        self._warned: tuple[str, ...] = ()

    def run(self, stop: Event) -> None:
        """Run until `stop` is set; log every error, and try again."""
        while not stop.wait(self._at.limits.recovery_every):
            try:
                self.once()
            except LiftgateError as error:
                log.warning("runs that died could not be looked for: %s", error)
            except Exception:
                log.exception("runs that died could not be looked for; it is tried again")

    def once(self) -> list[RecoveryAction]:
        """Look once at the runs that crashed or have a worker, crashed ones first; returns the actions."""
        at = self._at
        alive = at.runs.find(flows=FLOWS, states=ALIVE)
        crashed = at.runs.find(flows=FLOWS, states=("CRASHED",), ended=ended_since(at))
        self._warn(crashed.notices)
        found = alive.with_more(crashed).runs
        self._done = {run.id: self._done[run.id] for run in found if run.id in self._done}
        runs = [run for run in found if run.deployment and self._done.get(run.id) != run.since]
        self.liveness.follow([run for run in runs if run.state in ALIVE])
        done = [self._looked_at(run) for run in sorted(runs, key=lambda run: run.state != "CRASHED")]
        return [need for need in done if need and need.action != "leave alone"]

    def _looked_at(self, run: Run) -> RecoveryAction | None:
        """None for a run that cannot be checked: it stops no other."""
        try:
            return self._look(run)
        except LiftgateError as error:
            log.warning("%s: %s", run.name, error)
        except Exception:
            log.exception("%s could not be checked; the others were", run.name)
        return None

    def _look(self, run: Run) -> RecoveryAction:
        snapshot = self._snapshot(run)
        need = rules.recovery_action(snapshot)
        if need.action == "leave alone":
            return need
        log.info("%s %s: %s", run.name, need.sentence, need.action)
        if need.action == "tell":
            self._done[run.id] = run.since
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

    def _warn(self, notices: tuple[str, ...]) -> None:
        """Log the notices once while they stay the same; those about runs with a worker are in the other list too."""
        if notices != self._warned:
            self._warned = notices
            for notice in notices:
                log.warning("%s", notice)


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
        is_keyed=bool(run.idempotency_key),
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
        at.runs.set_state(run.id, "CANCELLED", "Cancelled", need.sentence)


def has_not_moved(at: HasRuns, run: Run) -> bool:
    """Whether the run is in the same state still."""
    now = at.runs.read(run.id)
    return now is not None and (now.state, now.since) == (run.state, run.since)
