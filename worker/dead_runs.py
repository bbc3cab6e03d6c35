"""Runs whose process on this host ended without a report: if their worker died, the next worker reports their end."""

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
"""Seconds between two looks. A dead worker's run is an orphan when two looks in a row find it: a process that has just
ended may still be reporting its end."""
PATIENCE: Final = 60.0
"""Seconds for this worker to report the end of its own run, or for another worker to continue a run that this one did
not get."""
MESSAGE: Final = "its process on this host has ended, and so has the worker that watched it"
STOPPED: Final = "it was being cancelled when its process on this host ended"
_ID: Final = len("00000000-0000-0000-0000-000000000000")
COUNT: Final = "count"
RESUMES: Final = "resumes"
GOT: Final = "got"
WORKER: Final = "worker"
Need = Literal["forget", "crash", "cancel"]
_OURS: Final = {"PENDING": (0,), "RUNNING": (1,), "CANCELLING": (0, 1)}
"""By state: the possible differences between the run's count of starts and the noted count, if the noted process is
still its current one."""


class Notes:
    """Which process of this host runs which flow run: one small file each. It outlives the worker, and stays until
    Prefect has a state for the run that needs no process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left: set[str] = set()
        """This worker's own notes of runs that it has finished with."""
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def claimed(self, run: str, count: int, *, resumes: bool = False) -> None:
        """Before requesting the run, started `count` times so far, from Prefect. This worker is responsible. `resumes`
        says that the run goes on after its gate."""
        with self._lock:
            self._left.discard(_name(run))
            self._write(run, os.getpid(), _start(count, resumes=resumes))

    def got(self, run: str, count: int, *, resumes: bool = False) -> None:
        """Prefect assigned the run to this worker only."""
        self._write(run, os.getpid(), _start(count, resumes=resumes) | {GOT: "yes"})

    def begun(self, run: str, process: int) -> None:
        """From now on, the process is responsible for the run."""
        claim = record.load_record(self._folder, _name(run))
        self._write(run, process, dict(claim.details) if claim else {})

    def left(self, run: str, count: int) -> None:
        """This worker has finished with this start of the run, or never got it. Prefect may not know that yet."""
        with self._lock:
            note = record.load_record(self._folder, _name(run))
            if note and note.details.get(COUNT) == str(count):
                self._left.add(_name(run))

    def forget(self, name: str, note: Record) -> None:
        """Remove the note, unless the run was claimed again in the meantime."""
        with self._lock:
            if record.load_record(self._folder, name) == note:
                record.remove_record(self._folder, name)
                self._left.discard(name)

    def gone(self) -> dict[str, Record]:
        """The notes for which no process is responsible any more, by name."""
        found = {path.stem: record.load_record(self._folder, path.stem) for path in self._folder.glob("*.pid")}
        return {name: note for name, note in sorted(found.items()) if note and not self._is_answered(name, note)}

    def is_own(self, name: str) -> bool:
        """Whether this worker has finished with the run, and may still be reporting its end."""
        return name in self._left

    def _is_answered(self, name: str, note: Record) -> bool:
        worker = int(name[_ID + 1 :])
        if worker != os.getpid() and record.born(worker) == note.details.get(WORKER):
            return True  # another worker of this host is alive and responsible
        return note.is_alive and not (name in self._left and note.pid == os.getpid())

    def _write(self, run: str, process: int, details: dict[str, str]) -> None:
        record.write_record(self._folder, _name(run), process, details | {WORKER: record.born(os.getpid())})


def _start(count: int, *, resumes: bool) -> dict[str, str]:
    return {COUNT: str(count)} | ({RESUMES: "yes"} if resumes else {})


def _name(run: str) -> str:
    """A name for each run and worker: several workers on one host may request the same run."""
    return f"{run}-{os.getpid()}"


def is_same_start(state: str, count: int, noted: int, *, resumes: bool = False) -> bool:
    """Whether a run in this state, with this count of starts, is still in the start that `noted` starts preceded.
    Prefect does not count the start after a gate."""
    return state in _OURS and count - noted in ((0,) if resumes else _OURS[state])


def need(run: Run | None, note: Record) -> Need:
    """What to do for a run without a responsible process here. Its count of starts separates this start from a later
    one on another host. If Prefect may have assigned it to another worker, only a run that is still Pending counts."""
    count = int(note.details.get(COUNT, -1))
    resumes = RESUMES in note.details
    if run is None or not is_same_start(run.state, run.count, count, resumes=resumes):
        return "forget"
    if GOT not in note.details and run.state_name != "Pending":
        return "forget"
    return "cancel" if run.state == "CANCELLING" else "crash"


class Orphans:
    """Watches this host's runs in a thread while the worker runs."""

    def __init__(self, runs: Prefect, notes: Notes) -> None:
        self._runs, self._notes = runs, notes
        self._seen: dict[str, float] = {}
        """When a note was first found without a responsible process."""

    def start(self) -> None:
        threading.Thread(target=self._watch, name="dead-runs", daemon=True).start()

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - no error may end the thread
                print(f"cannot look for orphaned runs: {error}", flush=True)

    def look(self) -> list[str]:
        """Report to Prefect the end of runs that have certainly ended, and return their ids; recovery does the rest.
        If Prefect does not answer, a later look reports them."""
        gone, now = self._notes.gone(), time.monotonic()
        self._seen = {name: self._seen.get(name, now) for name in gone}
        told = []
        for name, note in gone.items():
            try:
                if self._settle(name, note, now - self._seen[name]):
                    told.append(name[:_ID])
            except LiftgateError as error:
                print(f"cannot check run {name[:_ID]}: {error}", flush=True)
        return told

    def _settle(self, name: str, note: Record, seen_for: float) -> bool:
        """Whether it reported the run's end. Removes the note when Prefect has accepted that, or needs no report."""
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
