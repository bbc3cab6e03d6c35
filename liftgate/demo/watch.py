"""Follows a release through the environments and prints a line for each event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from math import isfinite

from liftgate.demo.repository import APPLICATION
from liftgate.demo.world import World
from liftgate.domain.common.value import Value
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.errors import Unavailable
from liftgate.integrations.runs.run import Run
from liftgate.runtime.progress import Deadline
from liftgate.services.notes import Notes

POLL = 1.0
LOOK = 60.0
"""Seconds between two looks at whether anything happened: one reads states, tasks, lines and notes of all the runs."""
FLOWS = ("nightly", "promote")


class Seen(Value):
    """Where the release is now: the run in each environment."""

    runs: Mapping[str, Run]

    def state(self, environment: str) -> str:
        run = self.runs.get(environment)
        return run.state_name if run else ""


class Watch:
    """The promotions that started after `since`."""

    def __init__(self, world: World, since: datetime, say: Callable[[str], None]) -> None:
        self._world, self._since, self._say = world, since, say
        self._said: dict[str, str] = {}

    def look(self) -> Seen:
        """The runs as they are now; prints what is new."""
        found = self._world.at.runs.find(flows=["promote"], since=self._since).runs
        runs = {str(run.parameters.get("to")): run for run in found}
        for environment, run in sorted(runs.items(), key=lambda item: item[1].created):
            line = _line(run)
            if line and self._said.get(environment) != line:
                self._said[environment] = line
                self._say(f"{environment:<8} {line}")
        return Seen(runs=runs)

    def until(self, environment: str, *states: str, within: float, meanwhile: Callable[[], None] = lambda: None) -> Run:
        """The environment's run when it is in one of the states, or over.

        Raises Unavailable after `within` seconds without a new state, task or log line.
        """
        clock = self._world.at.clock
        happened = self._happened if isfinite(within) else lambda: None
        deadline = Deadline(within, happened, clock.monotonic, LOOK)
        while not deadline.is_over():
            with suppress(Unavailable):  # the machine may be too busy to answer now
                run = self.look().runs.get(environment)
                if run and (run.state_name in states or run.is_over):
                    return run
            meanwhile()
            clock.sleep(POLL)
        wanted = f"{environment} is not {' or '.join(states)}"
        raise Unavailable(f"{wanted} and nothing has happened for a while; the logs are in {self._world.folder}")

    def _happened(self) -> object:
        """A value that changes whenever one of the runs makes progress."""
        runs = self._world.at.runs
        try:
            found = runs.find(flows=FLOWS, since=self._since).runs
            return {
                run.id: (run.since, runs.history(run.id), runs.lines(run.id)[-1:], Notes(runs, run.id).all())
                for run in found
            }
        except Unavailable:
            return None

    def outcome(self, environment: str, run: Run) -> Entry | None:
        """The run's ledger entry."""
        self._world.at.git.fetch()
        return ledger.find_entry(self._world.at.entries(APPLICATION, environment), run.id)


def _line(run: Run) -> str:
    if run.is_over:
        return run.message
    if run.state_name == "Suspended":
        return f"{run.name}: waits for people; it uses no worker while it waits"
    return "in progress" if run.state == "RUNNING" else ""
