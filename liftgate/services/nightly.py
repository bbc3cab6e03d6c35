"""The nightly promotions of all applications that have something new, some at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Protocol

from liftgate.domain.approval.requester import Origin, Requester
from liftgate.domain.common import plain
from liftgate.domain.promotion.nightly import FLOW as NIGHTLY
from liftgate.domain.promotion.nightly import NightRequest, Outcome, fate_of, night_as_stored
from liftgate.errors import LiftgateError
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.runs.run import Run
from liftgate.services import requests, unchanged
from liftgate.services.requests import FLOW, chained_key, start_promotion


class Ports(unchanged.Ports, Protocol):
    """What these use cases need."""


EVERY = 2.0
"""Seconds between two looks at the runs."""
_EARLIER: Final = timedelta(minutes=5)
"""How far the clocks of Prefect and of a worker may differ."""


def night(at: Ports, run_id: str, asked: NightRequest) -> tuple[str, tuple[Outcome, ...]]:
    """Start a promotion for every application that may have something new, some at once, and watch how they end; one
    does not stop another.

    Returns the first environment and the outcome of each application. The runs continue even when this one ends.
    """
    reason = plain.checked_line("reason", asked.reason)
    tree = at.tree(at.git.fetch())
    night = Night(at, origin_of_night(at, tree, run_id, asked), tree.configuration.order[0], reason)
    end = at.clock.monotonic() + asked.minutes * 60
    waiting = night.to_start(tree)
    while waiting or night.busy:
        while waiting and len(night.busy) < asked.limit:
            night.start(waiting.pop(0))
        if not night.busy:
            continue
        if at.clock.monotonic() >= end:
            break
        at.clock.sleep(EVERY)
        night.look()
    for name in waiting:
        night.lose(name, f"{asked.limit} others were still running after {asked.minutes:g} minutes")
    for path, why in tree.nameless.items():
        night.lose(path, why)
    return night.environment, night.outcomes


def origin_of_night(at: Ports, tree: ConfigSnapshot, run_id: str, asked: NightRequest) -> Origin:
    """Of the promotions that this run starts. Nothing is proven if Prefect says something else than it gave the run."""
    run = at.runs.read(run_id)
    is_this = run and run.id == run_id and run.flow == NIGHTLY and night_as_stored(run.parameters) == asked
    requester = requests.who_asked(at, tree, run) if run and is_this else Requester(name="")
    return Origin(requester=requester, before=run_id)


class Night:
    """The runs of one night by application; when the night starts again, it finds them by their keys."""

    def __init__(self, at: Ports, origin: Origin, environment: str, reason: str) -> None:
        self.at, self.origin, self.environment, self.reason = at, origin, environment, reason
        self.runs: dict[str, Run] = {}
        self.same: list[Outcome] = []
        self.lost: list[Outcome] = []

    @property
    def busy(self) -> list[str]:
        """Ids of the runs that work; a run that waits for people does not count."""
        return [run.id for run in self.runs.values() if fate_of(run.state, run.state_name) == "still running"]

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        ran = (
            Outcome(application=name, fate=fate_of(run.state, run.state_name), sentence=run.message)
            for name, run in self.runs.items()
        )
        return (*ran, *self.same, *self.lost)

    def to_start(self, tree: ConfigSnapshot) -> list[str]:
        """The applications that get a run: also those that this night gave one before it began again."""
        found = unchanged.unchanged(self.at, tree, self.environment, self.origin, self.reason)
        begun = self._keys() if found else set()
        same = {name: change for name, change in found.items() if chained_key(self.origin, name) not in begun}
        self.same = [
            Outcome(application=name, fate="nothing to do", sentence=change.unchanged, version=change.version)
            for name, change in same.items()
        ]
        return [name for name in tree.readable if name not in same]

    def _keys(self) -> set[str]:
        """Of the promotions since this run began for the first time, its own among them."""
        moments = self.at.runs.history(self.origin.before)
        first = min((each.when for each in moments if each.state == "Running"), default=None)
        found = self.at.runs.find(flows=(FLOW,), since=first and first - _EARLIER)
        return {run.idempotency_key for run in found.runs}

    def start(self, name: str) -> None:
        title = f"{name} nightly → {self.environment}"
        try:
            self.runs[name] = start_promotion(
                self.at, name, self.environment, by=self.origin, key=name, title=title, reason=self.reason
            )
        except LiftgateError as error:
            self.lose(name, str(error))

    def look(self) -> None:
        seen = {run.id: run for run in self.at.runs.find(flows=(FLOW,), ids=self.busy).runs}
        self.runs = {name: seen.get(run.id, run) for name, run in self.runs.items()}

    def lose(self, name: str, why: str) -> None:
        self.lost.append(Outcome(application=name, fate="not started", sentence=why))
