"""From a seed to one history: what is committed, what goes wrong around it, and how it must end."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from liftgate.domain.drift.record import Record
from liftgate.domain.promotion.drift_words import drift_sentence
from liftgate.errors import Unavailable
from liftgate.integrations.deployer import Deployed
from liftgate.integrations.deployer.wait import Wait
from liftgate.integrations.deployer.wait_state import Standing
from tests.integrations.deployer.histories import endings, troubles
from tests.integrations.deployer.histories.watcher import EVERY, Watcher
from tests.integrations.deployer.histories.world import AUTOMATED, DRIFTED, NAME, World

START = 1_790_000_000.0
_LATE_CACHE = 0.5
"""How often Argo CD's view of the cluster is late after a sync; of a real one it was about one time in a hundred."""
LATE = 0.2
"""Seconds a wait may need beyond its deadline, to come back from what it was doing."""
UNSEEN = 0.12
"""Seconds within which Argo CD itself cannot know of something that happens in the cluster."""


class Told(NamedTuple):
    """What happened in one history, and whether it was told as it was."""

    seed: int
    title: str
    expected: frozenset[str]
    deployed: Deployed
    is_true: bool
    """Whether the commit really was deployed when the wait ended."""
    seconds: float
    deadline: float
    calls: int
    lines: tuple[str, ...]
    drift: tuple[Record, ...]
    """What a watch wrote down, if there was one."""
    by_hand: bool
    """Whether there was reason to."""

    @property
    def wrong(self) -> str:
        """What is wrong with it, or nothing."""
        if self.deployed.state == "deployed" and not self.is_true:
            return "false success"
        if self.deployed.state not in self.expected:
            return f"said {self.deployed.state}, expected {' or '.join(sorted(self.expected))}"
        if any(not self.by_hand or record.names != {DRIFTED} for record in self.drift):
            return f"false drift: {'; '.join(map(drift_sentence, self.drift))}"
        return "beyond its deadline" if self.seconds > self.deadline + LATE else ""


def tell(seed: int, *, watched: bool = False) -> Told:
    """Play the history of this seed to its end; watched for drift, with an Argo CD that now and then heals what is
    right already, and for a while longer."""
    return History(seed, watched=watched).play()


class History:
    def __init__(self, seed: int, *, watched: bool = False) -> None:
        self.random = random.Random(seed)  # a seed gives the same history for ever
        self.seed, self.lines = seed, list[str]()
        self.automated = self.random.random() < 0.7
        self.tested = self.random.random() < 0.25
        several = self.random.random() < 0.2
        policy = dict(AUTOMATED) if self.automated else None
        self.world = World(
            START + self.random.random() * 3,
            policy=policy,
            sources=2 if several else 1,
            test=f"sleep {self.random.randint(1, 6)}" if self.tested else "",
        )
        self.simulation = self.world.simulation
        self.simulation.skew = self.random.uniform(-90, 90)
        self.ours = self._noted = ""
        self.by_hand = False
        self._watcher: Watcher | None = None
        if watched:
            self._watcher = Watcher(self.world)
            self.world.argocd.faults.add({"fault": "late-cache", "chance": _LATE_CACHE, "seed": seed * 1000})
        self._before: tuple[float, bool] = (0.0, False)

    def play(self) -> Told:
        try:
            return self._play()
        finally:
            self.world.close()

    def _play(self) -> Told:
        ending = self.random.choice(endings.ALL)
        self._note(f"{'auto-sync' if self.automated else 'by hand'}, {ending.__name__}")
        self._begin(ending)
        expected, deadline = ending(self)
        if self._watcher:
            self._watcher.begin()
        began = self.simulation.time
        possible = [one for one in troubles.ALL if one not in endings.UNDONE_BY.get(ending, ())]
        for trouble in self.random.sample(possible, self.random.randint(0, 4)):
            trouble(self)
        wait = Wait(self.world.adapter, self.simulation, NAME, "p-1", self._classify)
        calls = self.world.adapter.transport.calls
        deployed = wait.until(deadline, self._note)
        seconds, is_true = self.simulation.time - began, self._is_deployed()
        calls = self.world.adapter.transport.calls - calls
        return Told(
            self.seed, self.lines[0], frozenset(expected), deployed, is_true, seconds, deadline, calls,
            tuple(self.lines), self._drift(), self.by_hand,
        )  # fmt: skip

    def _is_deployed(self) -> bool:
        """Now, or before something happened just now."""
        happened, was_deployed = self._before
        return self.world.is_deployed(self.ours) or (self.simulation.time - happened < UNSEEN and was_deployed)

    def _drift(self) -> tuple[Record, ...]:
        """What was written down of it, some looks after its outcome."""
        if self._watcher is None:
            return ()
        self._watcher.end()
        self.simulation.advance(3 * EVERY)
        return tuple(self._watcher.records)

    def _begin(self, ending: endings.Ending) -> None:
        """A first commit, deployed and quiet, unless the Application is not there yet."""
        if ending in endings.WITHOUT_APPLICATION:
            return
        self.world.create()
        self.simulation.advance(1)
        if not self.automated:
            self.world.sync()
        self.simulation.advance(self.random.uniform(15, 60))

    def later(self, within: tuple[float, float], what: str, event: Callable[[], Any]) -> float:
        """Something happens so many seconds from now, drawn between the two; when, is returned."""
        after = self.random.uniform(*within)

        def happen() -> None:
            self._note(f"* {what}")
            self._before = self.simulation.time, bool(self.ours) and self.world.is_deployed(self.ours)
            event()
            self.world.argocd.state.wake.set()

        self.simulation.at(self.simulation.time + after, happen)
        return after

    def _classify(self, revision: str) -> Standing:
        """Now and then Git cannot be asked either."""
        if self.random.random() < 0.03:
            raise Unavailable("the mirror cannot be brought up to date")
        return self.world.standing(self.ours, revision)

    def _note(self, line: str) -> None:
        at = self.simulation.time - START if self.lines else 0.0
        if line != self._noted:
            self._noted = line
            self.lines.append(f"{at:8.2f}  {line[:160]}")
