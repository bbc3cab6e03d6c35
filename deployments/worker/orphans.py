"""Runs whose process on this host is gone without a word: the worker that died could not say so, the next one does."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Final, Literal

from liftgate.errors import LiftgateError
from liftgate.integrations.runs.prefect import Prefect
from liftgate.integrations.runs.run import Run
from liftgate.runtime import record
from liftgate.runtime.record import Record

EVERY: Final = 3.0
"""Seconds between two looks. What a dead worker left is an orphan when two in a row find it so: a process that just
ended may still be reporting how."""
PATIENCE: Final = 60.0
"""Seconds for this worker itself to report the end of its own run, or for another one to go on with a run that it did
not get."""
MESSAGE: Final = "its process on this host is gone, and the worker that watched it too"
STOPPED: Final = "it was to be cancelled when its process on this host went away"
_ID: Final = len("00000000-0000-0000-0000-000000000000")
COUNT: Final = "count"
GOT: Final = "got"
WORKER: Final = "worker"
Need = Literal["forget", "crash", "cancel"]
_OURS: Final = {"PENDING": (0,), "RUNNING": (1,), "CANCELLING": (0, 1)}
"""How many more times than noted a run has begun while that very process is its own."""


class Notes:
    """Which processes of this host run which flow run: a small file each, that outlives the worker, until Prefect has
    a state for the run that needs no process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left: set[str] = set()
        """This worker's own notes whose runs it is done with."""
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def claimed(self, run: str, count: int) -> None:
        """Before Prefect is asked for the run, which began `count` times before; this worker answers for it."""
        with self._lock:
            self._left.discard(_name(run))
            self._write(run, os.getpid(), {COUNT: str(count)})

    def got(self, run: str, count: int) -> None:
        """Prefect gave it to this worker, and to no other."""
        self._write(run, os.getpid(), {COUNT: str(count), GOT: "yes"})

    def begun(self, run: str, process: int) -> None:
        """The process answers for it from here on."""
        claim = record.load(self._folder, _name(run))
        self._write(run, process, dict(claim.details) if claim else {})

    def left(self, run: str, count: int) -> None:
        """This worker is done with that beginning of it, or never got it; what Prefect knows is another question."""
        with self._lock:
            note = record.load(self._folder, _name(run))
            if note and note.details.get(COUNT) == str(count):
                self._left.add(_name(run))

    def forget(self, name: str, note: Record) -> None:
        """Unless the run was claimed again in the meantime."""
        with self._lock:
            if record.load(self._folder, name) == note:
                record.remove(self._folder, name)
                self._left.discard(name)

    def gone(self) -> dict[str, Record]:
        """The notes that nothing answers for any more, by name."""
        found = {path.stem: record.load(self._folder, path.stem) for path in self._folder.glob("*.pid")}
        return {name: note for name, note in sorted(found.items()) if note and not self._is_answered(name, note)}

    def is_own(self, name: str) -> bool:
        """Whether this worker is the one that was done with it, and may still be reporting how it ended."""
        return name in self._left

    def _is_answered(self, name: str, note: Record) -> bool:
        worker = int(name[_ID + 1 :])
        if worker != os.getpid() and record.born(worker) == note.details.get(WORKER):
            return True  # by another worker of this host, which lives
        return note.is_alive and not (name in self._left and note.pid == os.getpid())

    def _write(self, run: str, process: int, details: dict[str, str]) -> None:
        record.write(self._folder, _name(run), process, details | {WORKER: record.born(os.getpid())})


def _name(run: str) -> str:
    """One for each worker: several on one host may reach for the same run."""
    return f"{run}-{os.getpid()}"


def need(run: Run | None, note: Record) -> Need:
    """What a run needs that no process here answers for. The count of its beginnings tells this one from a later one on
    another host. Where Prefect may have given it to another worker, only a run that is still Pending counts."""
    count = int(note.details.get(COUNT, -1))
    if run is None or run.state not in _OURS or run.count - count not in _OURS[run.state]:
        return "forget"
    if GOT not in note.details and run.state_name != "Pending":
        return "forget"
    return "cancel" if run.state == "CANCELLING" else "crash"


class Orphans:
    """Looks after this host's runs from a thread, as long as the worker lives."""

    def __init__(self, runs: Prefect, notes: Notes) -> None:
        self._runs, self._notes = runs, notes
        self._seen: dict[str, float] = {}
        """Since when a note is one that nothing answers for."""

    def start(self) -> None:
        threading.Thread(target=self._watch, name="orphans", daemon=True).start()

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - no error may end the thread
                print(f"orphans could not be looked for: {error}", flush=True)

    def look(self) -> list[str]:
        """Give an end to those that are surely gone; recovery does the rest. Their ids. What cannot be told to
        Prefect now is told at a later look."""
        gone, now = self._notes.gone(), time.monotonic()
        self._seen = {name: self._seen.get(name, now) for name in gone}
        told = []
        for name, note in gone.items():
            try:
                if self._settle(name, note, now - self._seen[name]):
                    told.append(name[:_ID])
            except LiftgateError as error:
                print(f"nothing could be found out about run {name[:_ID]}: {error}", flush=True)
        return told

    def _settle(self, name: str, note: Record, seen_for: float) -> bool:
        """Whether the run was given its end. The note goes when Prefect has taken that, or needs none."""
        what = need(self._runs.read(name[:_ID]), note)
        if what == "forget":
            self._notes.forget(name, note)
            return False
        patient = self._notes.is_own(name) or GOT not in note.details
        if seen_for < (PATIENCE if patient else EVERY / 2):
            return False
        kind, message = ("CANCELLED", STOPPED) if what == "cancel" else ("CRASHED", MESSAGE)
        if accepted := self._runs.set_state(name[:_ID], kind, kind.title(), message, force=False):
            self._notes.forget(name, note)
        return accepted
