"""A small world with one run in it that dies, and what a worker, a Liftgate server and people do afterwards."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from liftgate_sandbox.argocd import Timings

from liftgate.domain.approval.vote import gate_name
from liftgate.domain.promotion.attempt import Attempt, Promotion
from liftgate.domain.promotion.recovery_rules import RERUNS
from liftgate.integrations.runs.run import Run
from liftgate.services.notes import Notes
from liftgate.services.recovery import Recovery
from tests.clocks import Moving
from tests.examples import text, values
from tests.lab import FLOWS, configured
from tests.server.world import World, server_world, worker_of
from tests.services import by_hand
from tests.services.course import Course
from tests.services.moved.flows_in_steps import Ended, InSteps

APP: Final = "example-app"
BEFORE, NEW, NEWER = "1.4.2", "1.4.3", "1.4.4"
"""The versions: what ran and is verified, what the run brings, and what comes meanwhile."""
VOTERS: Final = ("grace", "ada")
GATED: Final = {"approvals": {"needed": 1, "from": ["ada", "grace"]}}
BY_PULL_REQUEST: Final = {"deliver": "pull-request"}
POLICIES: Final[dict[str, dict[str, Any]]] = {
    "push": {},
    "pull request": BY_PULL_REQUEST,
    "gated": GATED,
    "gated pull request": GATED | BY_PULL_REQUEST,
    "update": {},
    "automatic rollback": {},
    "rollback": {},
    "go back": {},
    "take-over": {},
    "nightly": {},
}
"""By the kind of run, the policy of dev."""
ERRORS: Final = ("Refused", "Misconfigured", "Unavailable")
"""The names of the states in which a run ends without an outcome."""
ROUNDS: Final = 12
"""The most rounds of recovery until a run rests."""


@dataclass
class Scene:
    world: World
    kind: str
    policy: dict[str, Any]
    run: str = ""
    first: str = ""
    """The promotion of the version before."""
    voters: tuple[str, ...] = VOTERS
    said: list[Ended] = field(default_factory=list)
    """How each process of the run ended."""
    clock: Moving = field(default_factory=Moving)
    """Of the Liftgate server: it goes ahead between two rounds."""

    @property
    def course(self) -> Course:
        return Course(self.world.lab, self.world.worker)

    def configure(self, *, policy: dict[str, Any] | None = None, **more: Any) -> None:
        """Dev's policy changed, or other parts of `liftgate.json`."""
        self.policy |= policy or {}
        policies = {"dev": self.policy, "staging": {"start": "manual"}}
        written = configured(self.world.lab, policy={name: each for name, each in policies.items() if each})
        self.world.lab.commit({"liftgate.json": text(written | more)})

    def begin(self) -> None:
        """Until the run is there, and has not begun."""
        self.configure()
        course = self.course
        self.first = course.past(BEFORE)
        if self.kind in ("rollback", "go back"):
            course.past(NEW)
            more = {"back_to": self.first} if self.kind == "go back" else {}
            self.run = course.start_as("rosa", "rollback", environment="dev", **more)
        elif self.kind == "take-over":
            by_hand.push(self.world.lab, cache={"ttl": 5})
            (run,) = by_hand.taken_over(course)
            self.run = run.id
        elif self.kind == "update":
            changes = {"/application/environment/configs/cache/ttl": 5}
            self.run = course.start_as("rosa", "update", environment="dev", changes=changes)
        elif self.kind == "nightly":
            course.release(NEW)
            self.run = self.world.at.runs.create("nightly", {"minutes": 0}).id
        else:
            course.release(NEW)
            self.run = course.start_as("rosa", "promote", to="dev")

    def process(self, run: str = "") -> InSteps:
        return InSteps(self.world, run or self.run, self._is_sick)

    def _is_sick(self, attempt: Attempt) -> bool:
        return self.kind == "automatic rollback" and isinstance(attempt, Promotion) and attempt.version == NEW

    def until(self, point: str) -> bool:
        """The run dies right after the point; False if it never comes to it. At a gate it has no process."""
        points = self.points()
        if point not in points:
            return False
        points.close()
        if self.world.read(self.run).state != "PAUSED":
            self.world.put(self.run, "CRASHED")
        return True

    def points(self) -> Generator[str, None, None]:
        """Each point as the run comes to it, to its end."""
        while True:
            self.world.put(self.run, "RUNNING")
            ended = yield from self.process().steps()
            if ended.kind != "PAUSED":
                return
            yield "asked"
            self._vote()
            yield "voted"
            Recovery(self.world.at).once()

    def heal(self) -> None:
        """New processes of worker and server, and people who decide what they are asked, until nothing moves."""
        self.world.worker = worker_of(self.world.at)
        self.world.at.clock = self.clock
        for _ in range(ROUNDS):
            before = self._states()
            self._vote()
            self.clock.ahead += 400.0
            Recovery(self.world.at).once()
            self.work()
            if self._states() == before:
                return

    def _states(self) -> list[tuple[str, datetime]]:
        return [(run.id, run.since) for run in self.runs()]

    def runs(self) -> list[Run]:
        return list(self.world.at.runs.find(flows=FLOWS).runs)

    def work(self) -> None:
        """As a worker: what is scheduled runs to its end."""
        for run in self.runs():
            if run.state != "SCHEDULED":
                continue
            self.world.put(run.id, "RUNNING")
            ended = finished(self.process(run.id))
            self.said += [ended] if run.id == self.run else []
            if ended.kind != "PAUSED":
                self.world.put(run.id, *ended)

    def _vote(self) -> None:
        """People approve what waits for them."""
        for run in self.runs():
            if run.state != "PAUSED" or not run.pause_key:
                continue
            gate, notes = run.pause_key.rpartition("-")[0], Notes(self.world.at.runs, run.id)
            for plan in notes.plans():
                if gate_name(plan.hash) == gate:
                    for person in self.voters:
                        self.world.lab.vote(run.id, person, plan=plan.hash)

    @property
    def told(self) -> str:
        """The run whose message tells of it: a night starts another one."""
        found = [run.id for run in self.runs() if run.flow == "promote"]
        return found[-1] if self.kind == "nightly" and found else self.run

    def again(self) -> None:
        """The run begins once more; one that was given up, or waits for people, has no process that could."""
        if not self.is_given_up and self.world.read(self.run).state != "PAUSED":
            self.world.put(self.run, "CRASHED")
        self.heal()

    @property
    def is_given_up(self) -> bool:
        """Whether people were called after many restarts."""
        restarts = len(Notes(self.world.at.runs, self.run).claims())
        return restarts >= RERUNS and self.world.read(self.run).state_name in ERRORS

    def release(self, version: str) -> None:
        self.world.lab.commit({"configs/base/values.json": text(values("base", version))})


def finished(process: InSteps) -> Ended:
    steps = process.steps()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            ended: Ended = end.value
            return ended


@contextmanager
def scene(folder: Path, kind: str) -> Iterator[Scene]:
    limits = {"LIFTGATE_SYNC_DEADLINE": "6", "LIFTGATE_VERIFY_DEADLINE": "6"}
    with server_world(folder, None, Timings.fast(), **limits) as world:
        world.lab.town.deploy(APP)
        made = Scene(world, kind, dict(POLICIES[kind]))
        made.begin()
        yield made
