"""Carries out a plan on the running system, round by round, and waits after each until all is healed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import httpx

from liftgate.errors import LiftgateError
from tests.chaos import faults, invariants, operations
from tests.chaos.invariants import Facts
from tests.chaos.plan import Fault, Operation, Plan, Round
from tests.chaos.system import System

PATIENCE: Final = 180.0
"""Seconds in which nothing goes on after the last fault until the wait is over: progress extends it."""
CALM: Final = 3.0
"""Seconds for which all must stay healed."""
POLL: Final = 1.0
AT_ONCE: Final = 4
"""Operations, so that one that waits for an answer delays no fault."""


Ending = tuple[float, Callable[[], None], Fault]
"""When a fault is over, and how it is ended."""


@dataclass
class Report:
    plan: Plan
    faults: dict[str, int] = field(default_factory=dict)
    """Those that struck something, by kind."""
    operations: dict[str, int] = field(default_factory=dict)
    """By kind, whether they were carried out or refused."""
    seconds_to_heal: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    runs: int = 0
    commits: int = 0


class Driver:
    """`say` gets a line for each thing that happens, with the seconds since the beginning."""

    def __init__(self, system: System, plan: Plan, say: Callable[[str], None] = lambda _: None) -> None:
        self._system, self._say = system, say
        self._began = time.monotonic()
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._asked: list[Future[None]] = []
        self.report = Report(plan)

    def run(self) -> Report:
        for number, each in enumerate(self.report.plan.rounds, 1):
            self._tell(f"round {number} of {len(self.report.plan.rounds)}")
            if not self._round(each):
                break
        self._end_what_waits()
        return self.report

    def _round(self, wanted: Round) -> bool:
        """Whether all healed, and nothing is broken."""
        self._strike(wanted)
        began = time.monotonic()
        wait(self._asked)
        facts = self._healed(began)
        self.report.broken += invariants.broken(facts)
        for said in self.report.broken:
            self._tell(f"BROKEN: {said}")
        return not self.report.broken

    def _strike(self, wanted: Round) -> None:
        began = time.monotonic()
        ends: list[Ending] = []
        todo: list[Operation | Fault] = [*wanted.operations, *wanted.faults]
        for each in sorted(todo, key=lambda each: each.at):
            until = began + each.at
            ends = self._ended(ends, until)
            time.sleep(max(0.0, until - time.monotonic()))
            if isinstance(each, Operation):
                self._count(self.report.operations, each.kind)
                self._asked.append(self._pool.submit(self._operate, each))
            elif end := self._begin(each):
                ends.append((time.monotonic() + each.seconds, end, each))
        self._ended(ends, began + 3600.0)

    def _ended(self, ends: list[Ending], until: float) -> list[Ending]:
        """Ends the faults that are over before that moment; the others."""
        ends.sort(key=lambda each: each[0])
        while ends and ends[0][0] <= until:
            moment, end, fault = ends.pop(0)
            time.sleep(max(0.0, moment - time.monotonic()))
            end()
            self._tell(f"over: {fault}")
        return ends

    def _begin(self, fault: Fault) -> Callable[[], None] | None:
        end = faults.begin(self._system, fault)
        self._tell(f"fault: {fault}{'' if end else ' (nothing to strike)'}")
        if end:
            self._count(self.report.faults, fault.kind)
        return end

    def _operate(self, operation: Operation) -> None:
        try:
            said = operations.carry_out(self._system, operation)
        except Exception as error:  # noqa: BLE001 - an error of the driver must be seen
            said = f"the driver failed: {error!r}"
        self._tell(f"people: {operation}: {said}")

    def _healed(self, began: float) -> Facts:
        """The facts when all is healed and has stayed so, or when nothing went on for too long. `began` is when the
        last fault ended."""
        last = time.monotonic()
        since, seen, facts = None, "", Facts()
        while time.monotonic() - last < PATIENCE:
            found = self._facts(facts)
            why = self._wrong(found) if found else ["the facts cannot be read"]
            facts, since = found or facts, None if why else since or time.monotonic()
            if since and time.monotonic() - since >= CALM:
                break
            if (now := f"{why} {_progress(facts)}") != seen:
                seen, last = now, time.monotonic()
                if why:
                    self._tell(f"not healed yet, {len(why)} reasons, the first: {why[0]}")
            time.sleep(POLL)
        took = (since or time.monotonic()) - began
        self.report.seconds_to_heal.append(took)
        self.report.runs, self.report.commits = len(facts.runs), len(facts.ours)
        self._tell(f"healed after {took:.1f} s" if since else f"NOT healed after {took:.1f} s {self._system.trouble}")
        return facts if since else invariants.gather(self._system)

    @staticmethod
    def _wrong(facts: Facts) -> list[str]:
        """What goes on still, else what is broken: messages and the cluster may follow a moment later."""
        return invariants.unhealed(facts) or invariants.broken(facts)

    def _facts(self, before: Facts) -> Facts | None:
        """None while a server does not answer. What Prefect says is looked at first: it costs little."""
        try:
            runs = tuple(invariants.read_runs(self._system))
            if invariants.unhealed(Facts(runs)):
                return replace(before, runs=runs)
            return invariants.gather(self._system)
        except (httpx.HTTPError, LiftgateError) as error:
            self._tell(f"the facts cannot be read: {error!r}")
            return None

    def _end_what_waits(self) -> None:
        """People lift every pause and approve what still waits, so that each run can end."""
        if self.report.broken:
            return
        self._tell("people end what waits")
        until = time.monotonic() + PATIENCE
        while True:
            for kind in ("resume", "approve"):
                self._operate(Operation(0.0, kind, 0, "dev"))
            facts = self._healed(time.monotonic())
            self.report.seconds_to_heal.pop()  # nothing was broken before it
            if not invariants.waiting(facts) or time.monotonic() > until:
                break
        self.report.broken += [*invariants.broken(facts), *invariants.waiting(facts)]

    def _count(self, counts: dict[str, int], kind: str) -> None:
        counts[kind] = counts.get(kind, 0) + 1

    def _tell(self, line: str) -> None:
        self._say(f"{time.monotonic() - self._began:7.1f}  {line}")


def _progress(facts: Facts | None) -> str:
    """What differs when something went on."""
    if facts is None:
        return ""
    states: Mapping[str, str] = {run["id"]: run["state_id"] for run in facts.runs}
    return f"{sorted(states.items())} {len(facts.commits)} {len(facts.entries)}"


def chaos(plan: Plan, folder: Path, say: Callable[[str], None] = lambda _: None) -> Report:
    with System(folder, plan.seed, by_pull_request=plan.by_pull_request) as system:
        return Driver(system, plan, say).run()
