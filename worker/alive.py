"""Tells Prefect every few seconds that this worker lives, in a thread: nothing that the worker does delays it.

The base of Prefect's workers sends heartbeats too, but after an outage its pauses grow to minutes.
"""

from __future__ import annotations

import threading

from liftgate.domain.promotion.liveness import BEAT
from liftgate.errors import LiftgateError
from liftgate.integrations.runs import Runs


class Alive:
    """The heartbeats of the worker of that name; the first one is the base's own, when it has registered."""

    def __init__(self, runs: Runs, worker: str) -> None:
        self._runs, self._worker = runs, worker
        self._trouble = ""

    def start(self) -> None:
        threading.Thread(target=self._run, name="alive", daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(BEAT):
            self.beat()

    def beat(self) -> None:
        """A heartbeat that fails is not repeated: the next one follows soon. The first of several errors is printed."""
        try:
            self._runs.beat(self._worker)
            trouble = ""
        except LiftgateError as error:
            trouble = str(error)
            if not self._trouble:
                print(f"Prefect does not take this worker's heartbeats: {trouble}", flush=True)
        except Exception as error:  # noqa: BLE001 - no error may end the thread
            trouble = repr(error)
        self._trouble = trouble
