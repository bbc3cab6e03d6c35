"""Recovery's part in superseding: it wakes the promotions that end because of another one at their gate."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from liftgate.domain.approval.turn import Turn
from liftgate.errors import LiftgateError
from liftgate.integrations.runs.run import Run
from liftgate.services import turns
from liftgate.services.turns import Ports

log = logging.getLogger(__name__)


class Overtaken:
    """Those whose waking was lost: the newer promotion's run died, or the older one was on its way to the gate."""

    def __init__(self, at: Ports, restart: Callable[[Run, str], None]) -> None:
        """`restart` begins a run again that has no form to answer, with the reason."""
        self._at: Final = at
        self._restart = restart
        self._woken: set[tuple[str, str, str]] = set()
        """Each run once for its gate and the other promotion."""
        self._compared: dict[tuple[str, str], object] = {}
        """What was compared last in each place."""

    def wake(self, runs: Sequence[Run]) -> None:
        """Once a round. The promotions of a place are compared only after one of them moved, because that reads the
        notes of each."""
        there = {run.id for run in runs}
        self._woken = {each for each in self._woken if each[0] in there}
        lines, before = turns.lines(runs), self._compared
        self._compared = {place: seen for place, seen in before.items() if place in lines}
        for place, line in lines.items():
            try:
                configuration = self._at.latest.configuration
                if place[1] not in configuration.environments:
                    continue
                policy = configuration.policy_of(place[1])
                now = policy.waiting, {(run.id, run.since) for run in line}
                ended = [] if before.get(place) == now else list(turns.overtaken(self._at, line, policy))
            except LiftgateError as error:
                log.warning("the promotions of %s to %s could not be compared: %s", *place, error)
                continue
            woken = [self._wake(run, turn) for run, turn in ended]
            if all(woken):
                self._compared[place] = now

    def _wake(self, run: Run, turn: Turn) -> bool:
        """False if it could not be done: that stops no other, and is tried again."""
        once = (run.id, run.pause_key, turn.other)
        try:
            if once not in self._woken and not turns.wake_to_end(self._at, run, turn):
                self._restart(run, turn.reason)
        except LiftgateError as error:
            log.warning("%s could not be woken to end: %s", run.name, error)
            return False
        self._woken.add(once)
        return True
