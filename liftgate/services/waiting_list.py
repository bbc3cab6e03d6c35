"""The runs that are not over. Of those that wait for people the list is read less often the more there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from liftgate.integrations.runs.run import Listed
from liftgate.services.liveness import ALIVE
from liftgate.services.ports import HasLimits, HasRuns


class Ports(HasLimits, HasRuns, Protocol):
    """What this use case needs."""


UNFINISHED: Final = ("PAUSED", *ALIVE)
LONGEST: Final = 60.0
"""Seconds after which those that wait are listed again in any case."""


class WaitingList:
    """A round of recovery looks at a few that wait, so a list serves as many rounds as it takes to look at each once.
    It may be older than what a run does now: recovery reads the run again before it changes anything."""

    def __init__(self, at: Ports, flows: Sequence[str], in_a_round: int) -> None:
        self._at, self._flows, self._in_a_round = at, flows, in_a_round
        self._waiting = Listed(runs=())
        self._again = 0.0

    def unfinished(self) -> Listed:
        now = self._at.clock.monotonic()
        if now < self._again:
            return self._waiting.with_more(self._at.runs.find(flows=self._flows, states=ALIVE))
        found = self._at.runs.find(flows=self._flows, states=UNFINISHED)
        self._waiting = found.copy_with(runs=tuple(run for run in found.runs if run.state == "PAUSED"))
        more_rounds = max(0, len(self._waiting.runs) - 1) // self._in_a_round
        half = 0.5 if more_rounds else 0.0  # rounds do not come to the moment
        self._again = now + min(LONGEST, (more_rounds + half) * self._at.limits.recovery_every)
        return found
