"""A program to run as a child, and its process."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

from liftgate.errors import Unavailable
from liftgate.runtime.progress import Deadline, of_group

POLL = 0.05
SLOWEST_POLL = 0.5
"""A program that takes seconds to start is asked less often: each question costs time of the processor it starts on."""
LOG_LINES = 12


def _at_once() -> bool:
    return True


@dataclass(frozen=True)
class Program:
    """What to run, how to check that it is ready, and how to end it. Times are in seconds."""

    name: str
    command: Sequence[str]
    folder: Path
    """Its working directory; its output goes to `<name>.log` in this folder."""
    environment: Mapping[str, str]
    is_ready: Callable[[], bool] = _at_once
    ready_within: float = 120.0
    """This time starts again whenever the program writes to its log or uses the processor."""
    stop_signal: Signals = SIGTERM
    stop_within: float = 15.0
    user: int | None = None
    """Numeric user and group to run as; only root can choose another user."""
    details: Mapping[str, str] = field(default_factory=dict)
    """What another process needs to know to use the running program, for example its address."""

    @property
    def is_asked(self) -> bool:
        """Whether `is_ready` sends the program a request, which another program could answer instead."""
        return self.is_ready is not _at_once

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"


class Running:
    """A started program; it leads its own process group, so that its children end with it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        program.folder.mkdir(parents=True, exist_ok=True)
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                list(program.command),
                cwd=program.folder,
                env=dict(program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=program.user,
                group=program.user,
                extra_groups=None if program.user is None else [],
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    def wait_until_ready(self, waiting: Callable[[float], None]) -> float:
        """Seconds until it was ready; calls `waiting(seconds so far)` repeatedly.

        Raises Unavailable with the end of its log when it ended, or when it neither answered nor made progress.
        """
        deadline = Deadline(self.program.ready_within, lambda: of_group(self.pid, self.program.log))
        while not self.program.is_ready():
            if self.exit_code is not None:
                raise Unavailable(f"{self.program.name} ended with code {self.exit_code}: {self.last_lines()}")
            if deadline.is_over():
                raise Unavailable(f"{self.program.name} did not answer in {deadline.spent:.0f} s: {self.last_lines()}")
            waiting(deadline.spent)
            time.sleep(max(POLL, min(deadline.spent / 10, SLOWEST_POLL)))
        return deadline.spent

    def stop(self) -> None:
        """Send the stop signal, wait, then kill the rest of its process group. Safe to repeat."""
        if self.exit_code is None:
            self._process.send_signal(self.program.stop_signal)
            try:
                self._process.wait(self.program.stop_within)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        kill_group(self.pid)

    def last_lines(self) -> str:
        text = self.program.log.read_text(errors="replace") if self.program.log.exists() else ""
        return " | ".join(text.splitlines()[-LOG_LINES:]) or "it printed nothing"


def kill_group(group: int, signal: Signals = SIGKILL) -> None:
    """Signal a whole process group; does nothing if it no longer exists."""
    try:
        os.killpg(group, signal)
    except (ProcessLookupError, PermissionError):
        return
