"""Starts programs in order, starts again what ends by itself, prints what it waits for, and always ends them all."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Protocol

from liftgate.errors import Unavailable
from liftgate.runtime import logs, record
from liftgate.runtime.program import Program, Running
from liftgate.runtime.restarts import Restarts
from liftgate.runtime.watchdog import MARK, Watchdog

SAY_AGAIN = 3.0


class Service(Protocol):
    """One or more programs that are started one after the other."""

    def programs(self) -> Iterable[Program]:
        """The generator may prepare between two programs what the next one needs."""


class _Part(NamedTuple):
    running: Running
    service: Service

    @property
    def name(self) -> str:
        return self.running.program.name


class Supervisor(AbstractContextManager["Supervisor"]):
    """Programs that run as long as the `with` block, or until this process is killed.

    `say` gets one sentence for each step, and one at least every three seconds during a wait.
    """

    def __init__(self, folder: Path, say: Callable[[str], None] = lambda _: None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._say = say
        self._mark = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._watchdog = Watchdog(self._mark)
        self._parts: list[_Part] = []
        self._order: list[str] = []
        """Names of programs as they were first started: each may need those before it."""

    def start(self, service: Service) -> None:
        """Start the programs that do not run yet; running ones stay with their own supervisor."""
        for program in service.programs():
            if record.read_record(self.folder, program.name) and program.is_ready():
                self._say(f"{program.name} is already running")
            else:
                self._start(program, service)

    def _start(self, program: Program, service: Service) -> None:
        if program.is_asked and program.is_ready():
            raise Unavailable(f"another program answers at the address of {program.name}; Liftgate did not start it")
        marked = replace(program, environment={**program.environment, MARK: self._mark})
        running = Running(marked)
        self._watchdog.watch(running.pid)
        before = self._before(program.name)
        others = [each.running for each in self._parts if each.name in before and each.running.exit_code is None]
        self._parts.append(part := _Part(running, service))
        say = _every(SAY_AGAIN, lambda s: self._say(f"starting {program.name}, {s:.0f} s"))

        def waiting(spent: float) -> None:
            _check(others, program)
            say(spent)

        try:
            spent = running.wait_until_ready(waiting)
            record.write_record(self.folder, program.name, running.pid, program.details)
        except (Unavailable, OSError):
            self._end(part)
            raise
        self._say(f"{program.name} is ready after {spent:.1f} s")

    def _before(self, name: str) -> Sequence[str]:
        """The programs that this one may need. The later ones need this one: their end must not end its start."""
        if name not in self._order:
            self._order.append(name)
        return self._order[: self._order.index(name)]

    def ended(self) -> Running | None:
        """A program that ended by itself, or None while all of them run."""
        return next((part.running for part in self._parts if part.running.exit_code is not None), None)

    def bound_logs(self) -> None:
        """Let no program's log grow without end."""
        for part in self._parts:
            logs.bound(part.running.program.log)

    def restart_ended(self, restarts: Restarts) -> None:
        """Start again each program that ended by itself, also one that ends while another starts again. Raises
        Unavailable when one ends too often."""
        self._restart_ended(self._order, restarts)

    def _restart_ended(self, names: Sequence[str], restarts: Restarts) -> None:
        """Of these, in the order in which they were first started."""
        while ended := [part for part in self._parts if part.running.exit_code is not None and part.name in names]:
            for part in ended:
                self._end(part)
            for part in sorted(ended, key=lambda part: self._order.index(part.name)):
                self._restart(part, restarts)

    def _restart(self, part: _Part, restarts: Restarts) -> None:
        running, name = part.running, part.name
        why = f"{name} ended with code {running.exit_code}: {running.last_lines()}"
        while why:
            pause = restarts.pause(name, time.monotonic())
            if pause is None:
                raise Unavailable(f"{why}. It was started again {restarts}, so Liftgate gives up")
            self._say(f"{why}. It starts again in {pause:g} s")
            time.sleep(pause)
            self._restart_ended(self._before(name), restarts)
            why = self._trouble_of(part.service)

    def _trouble_of(self, service: Service) -> str:
        """Why the service does not start; empty if it did. A full disk, or a table of processes that is full, passes
        too: that must not end the other programs."""
        try:
            self.start(service)
        except (Unavailable, OSError) as error:
            return str(error)
        return ""

    def pid(self, name: str) -> int:
        """The process of a program started here. Raises StopIteration for an unknown name."""
        return next(part.running.pid for part in self._parts if part.name == name)

    def close(self) -> None:
        """End all programs, the last started first. Safe to repeat."""
        while self._parts:
            self._end(self._parts[-1])
        self._watchdog.close()

    def _end(self, part: _Part) -> None:
        self._parts.remove(part)
        part.running.stop()
        self._watchdog.forget(part.running.pid)
        record.remove_record(self.folder, part.running.program.name)

    def __exit__(self, *_: object) -> None:
        self.close()


def _check(others: Iterable[Running], starting: Program) -> None:
    """Raises Unavailable when one of the others has ended: `starting` may need it, and would wait in vain."""
    for other in others:
        if other.exit_code is not None:
            raise Unavailable(f"{other.program.name} ended while {starting.name} was starting")


def _every(seconds: float, say: Callable[[float], None]) -> Callable[[float], None]:
    last = time.monotonic()

    def maybe(spent: float) -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            say(spent)

    return maybe
