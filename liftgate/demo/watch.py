"""Following a release through the environments, a line for each thing that happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from liftgate.demo.repository import APPLICATION
from liftgate.demo.world import World
from liftgate.domain import ledger
from liftgate.domain.ledger import Entry
from liftgate.domain.value import Value
from liftgate.errors import Unavailable
from liftgate.integrations.runs.prefect import Run

POLL = 0.3


class Seen(Value):
    """Where the release is now: the run of each environment."""

    runs: Mapping[str, Run]

    def state(self, environment: str) -> str:
        run = self.runs.get(environment)
        return run.state_name if run else ""


class Watch:
    """The promotions that began after `since`."""

    def __init__(self, world: World, since: datetime, say: Callable[[str], None]) -> None:
        self._world, self._since, self._say = world, since, say
        self._said: dict[str, str] = {}

    def look(self) -> Seen:
        """As it is now; says what is new."""
        found = self._world.at.runs.find(flows=["promote"], since=self._since)
        runs = {str(run.parameters.get("to")): run for run in found}
        for environment, run in sorted(runs.items(), key=lambda item: item[1].created):
            line = _line(run)
            if line and self._said.get(environment) != line:
                self._said[environment] = line
                self._say(f"{environment:<8} {line}")
        return Seen(runs=runs)

    def until(self, environment: str, *states: str, within: float) -> Run:
        """The environment's run once it is in one of the states, or over; raises Unavailable after so many seconds."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            run = self.look().runs.get(environment)
            if run and (run.state_name in states or run.is_over):
                return run
            time.sleep(POLL)
        raise Unavailable(f"the demo waited {within:g} s for {environment} to be {' or '.join(states)}")

    def outcome(self, environment: str, run: Run) -> Entry | None:
        """What the ledger says of the run."""
        self._world.at.git.fetch()
        return ledger.find(self._world.at.entries(APPLICATION, environment), run.id)


def _line(run: Run) -> str:
    if run.is_over:
        return run.message
    if run.state_name == "Suspended":
        return f"{run.name}: waits for people; no process holds a worker meanwhile"
    return "under way" if run.state == "RUNNING" else ""
