"""Runs whose process on this host is gone without a word: a worker that died could not say so, the next one does."""

from __future__ import annotations

import threading
from pathlib import Path

from liftgate.errors import LiftgateError
from liftgate.integrations.runs.prefect import Prefect
from liftgate.runtime import record

EVERY = 3.0
"""Seconds between two looks. A run is an orphan when two in a row find it so: a process that just ended may
still be reporting how."""
MESSAGE = "its process on this host is gone, and the worker that watched it too"


class Notes:
    """Which processes of this host run which flow run: a small file each, that outlives the worker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def begun(self, run: str, process: int) -> None:
        record.write(self._folder, run, process, {})

    def ended(self, run: str) -> None:
        record.remove(self._folder, run)

    def gone(self) -> frozenset[str]:
        """The runs whose process does not exist any more, though nobody noted its end."""
        noted = {path.stem for path in self._folder.glob("*.pid")}
        return frozenset(run for run in noted if record.read(self._folder, run) is None)


class Orphans:
    """Looks after this host's runs from a thread, as long as the worker lives."""

    def __init__(self, runs: Prefect, notes: Notes) -> None:
        self._runs, self._notes = runs, notes
        self._suspects: frozenset[str] = frozenset()

    def start(self) -> None:
        threading.Thread(target=self._watch, name="orphans", daemon=True).start()

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY):
            try:
                self.look()
            except LiftgateError as error:
                print(f"orphans could not be looked for: {error}", flush=True)

    def look(self) -> list[str]:
        """Set those that were gone at the last look too to Crashed; the sweep does the rest. Their ids."""
        gone = self._notes.gone()
        sure, self._suspects = gone & self._suspects, gone
        told = []
        for identity in sorted(sure):
            run = self._runs.read(identity)
            if run and run.state in ("RUNNING", "PENDING", "CANCELLING"):
                self._runs.set_state(identity, "CRASHED", "Crashed", MESSAGE, force=False)
                told.append(identity)
            self._notes.ended(identity)
        return told
