"""The nightly promotions of all applications, some at a time."""

from __future__ import annotations

from typing import Protocol

from liftgate.domain import plain
from liftgate.domain.nightly import Outcome, fate_of
from liftgate.errors import LiftgateError
from liftgate.integrations.runs.run import Run
from liftgate.services import requests
from liftgate.services.requests import FLOW, start_promotion


class Ports(requests.Ports, Protocol):
    """What these use cases need."""


EVERY = 2.0
"""Seconds between two looks at the runs."""


def night(at: Ports, run_id: str, reason: str, *, limit: int, minutes: float) -> tuple[str, tuple[Outcome, ...]]:
    """Start a promotion for every application, `limit` at once, and see how they end; one stops no other.

    The first environment, and what became of each application; the runs go on whatever happens to this one.
    """
    reason = plain.checked("reason", reason)
    tree = at.tree(at.git.fetch())
    night = Night(at, run_id, tree.configuration.order[0], reason)
    waiting, end = list(tree.readable), at.clock.monotonic() + minutes * 60
    while waiting or night.busy:
        while waiting and len(night.busy) < limit:
            night.start(waiting.pop(0))
        if not night.busy:
            continue
        if at.clock.monotonic() >= end:
            break
        at.clock.sleep(EVERY)
        night.look()
    for name in waiting:
        night.lose(name, f"{limit} others were still running after {minutes:g} minutes")
    for path, why in tree.nameless.items():
        night.lose(path, why)
    return night.environment, night.outcomes


class Night:
    """The runs of one night by application, found again by their keys when the night begins again."""

    def __init__(self, at: Ports, run_id: str, environment: str, reason: str) -> None:
        self.at, self.environment, self.reason = at, environment, reason
        self.identity = run_id
        self.runs: dict[str, Run] = {}
        self.lost: list[Outcome] = []

    @property
    def busy(self) -> list[str]:
        """Ids of the runs that work; one that waits for people holds nobody up."""
        return [run.id for run in self.runs.values() if fate_of(run.state, run.state_name) == "still running"]

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        ran = (
            Outcome(application=name, fate=fate_of(run.state, run.state_name), sentence=run.message)
            for name, run in self.runs.items()
        )
        return (*ran, *self.lost)

    def start(self, name: str) -> None:
        title = f"{name} nightly → {self.environment}"
        try:
            self.runs[name] = start_promotion(
                self.at, name, self.environment, after=self.identity, key=name, title=title, reason=self.reason
            )
        except LiftgateError as error:
            self.lose(name, str(error))

    def look(self) -> None:
        seen = {run.id: run for run in self.at.runs.find(flows=(FLOW,), ids=self.busy).runs}
        self.runs = {name: seen.get(run.id, run) for name, run in self.runs.items()}

    def lose(self, name: str, why: str) -> None:
        self.lost.append(Outcome(application=name, fate="not started", sentence=why))
