"""What both parts of recovery do in each round: one run that fails stops no other, and one round not the next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from logging import Logger
from threading import Event

from liftgate.domain.promotion.recovery_rules import RecoveryAction
from liftgate.errors import LiftgateError
from liftgate.integrations.runs.run import Listed, Run


class Rounds:
    def __init__(self, log: Logger) -> None:
        self._log = log
        self._done: dict[str, datetime] = {}
        """By run, the time of the state in which nothing is left to do for it."""
        self._warned: tuple[str, ...] = ()

    def repeat(self, stop: Event, every: float, once: Callable[[], object], failed: str) -> None:
        """Call `once` every so many seconds until `stop` is set; log every error after the words `failed`."""
        while not stop.wait(every):
            try:
                once()
            except LiftgateError as error:
                self._log.warning("%s: %s", failed, error)
            except Exception:  # noqa: BLE001 - it is logged
                self._log.exception("%s; it is tried again", failed)

    def open(self, found: Listed) -> list[Run]:
        """Our runs for which something may be left to do. All others are forgotten."""
        self._done = {run.id: self._done[run.id] for run in found.runs if run.id in self._done}
        return [run for run in found.runs if run.deployment and self._done.get(run.id) != run.since]

    def is_done(self, run: Run) -> None:
        """Nothing is left to do until it enters another state."""
        self._done[run.id] = run.since

    def looked_at(self, run: Run, look: Callable[[Run], RecoveryAction]) -> RecoveryAction | None:
        """None for a run that cannot be checked."""
        try:
            return look(run)
        except LiftgateError as error:
            self._log.warning("%s: %s", run.name, error)
        except Exception:  # noqa: BLE001 - it is logged
            self._log.exception("%s could not be checked; the others were", run.name)
        return None

    def warn(self, notices: tuple[str, ...]) -> None:
        """Log the notices once while they stay the same."""
        if notices != self._warned:
            self._warned = notices
            for notice in notices:
                self._log.warning("%s", notice)
