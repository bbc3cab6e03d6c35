"""Watches the heartbeats of the workers, and finds the runs that have lost their worker."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from threading import Event, Lock
from typing import Final, Protocol

from liftgate.domain.promotion import liveness as rules
from liftgate.domain.promotion.liveness import GAP, SILENT, Holder, Watch
from liftgate.errors import LiftgateError
from liftgate.integrations.runs.run import Run
from liftgate.services.notes import Notes
from liftgate.services.ports import HasClock, HasRuns


class Ports(HasRuns, HasClock, Protocol):
    """What these use cases need."""


log = logging.getLogger(__name__)
EVERY: Final = 2.0
"""Seconds between two looks at the workers."""
ALIVE: Final = ("PENDING", "RUNNING", "CANCELLING")
"""The states in which a run has a worker."""


class Liveness:
    """In a thread of its own, so that a slow round of recovery leaves no gap in the watch."""

    def __init__(self, at: Ports) -> None:
        self._at = at
        self._workers: Watch | None = None
        self._runs: Watch | None = None
        self._holders: dict[str, tuple[datetime, Holder]] = {}
        """The worker of each run, by the time of the state in which the run named it."""
        self._lock = Lock()
        self._trouble = ""

    def run(self, stop: Event) -> None:
        """Run until `stop` is set."""
        while not stop.wait(EVERY):
            self.look()

    def look(self) -> None:
        """Ask Prefect once for all workers. Without an answer the watch begins anew."""
        with self._lock:
            try:
                heard, trouble = self._at.runs.heartbeats(), ""
            except LiftgateError as error:
                heard, trouble = None, str(error)
            now = self._at.clock.monotonic()
            self._workers = None if heard is None else rules.look(self._workers, heard, now, GAP)
        if trouble and trouble != self._trouble:
            log.warning("the workers' heartbeats cannot be read: %s", trouble)
        self._trouble = trouble

    def follow(self, runs: Sequence[Run]) -> None:
        """Once a round, with all runs that have a worker now."""
        now = self._at.clock.monotonic()
        if self._workers is None or now - self._workers.last > EVERY:
            self.look()
        self._runs = rules.look(self._runs, {run.id: run.since for run in runs}, now)
        self._holders = {run.id: self._holders[run.id] for run in runs if run.id in self._holders}

    def lost_worker(self, run: Run) -> str | None:
        """The name of the worker that the run has lost, empty if it names none; None if it has not lost it.

        `follow` got the run before. Raises Unavailable.
        """
        workers, runs = self._workers, self._runs
        if workers is None or runs is None:
            return None
        unchanged = min(runs.unchanged(run.id), workers.last - workers.began)
        if unchanged < SILENT:
            return None
        holder = self._holder(run)
        silent = workers.unchanged(holder.worker) if holder else workers.all_unchanged()
        if not rules.has_lost_worker(run.state, is_named=holder is not None, unchanged=unchanged, silent=silent):
            return None
        return holder.worker if holder else ""

    def _holder(self, run: Run) -> Holder | None:
        """Read once for each state; a run that waits for its process names the worker by the time of that state."""
        since, known = self._holders.get(run.id, (None, None))
        if since == run.since:
            return known
        found = Notes(self._at.runs, run.id).holder()
        if found and run.state == "PENDING" and found.since != run.since:
            return None
        if found:
            self._holders[run.id] = (run.since, found)
        return found
