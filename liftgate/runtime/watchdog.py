"""Ends a supervisor's programs when the supervisor ends, even by kill -9.

It is a separate process that reads `+group` and `-group` lines from a pipe. Only the supervisor can write to the pipe,
so the pipe ends when the supervisor ends. The file runs as a script and needs only the standard library.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

GRACE = 5.0
MARK = "LIFTGATE_SUPERVISED_BY"
"""Environment variable that marks every process below one supervisor, even one that left its group."""


class Watchdog:
    """The supervisor's side: `watch` and `forget` process groups; `close()` when all have ended in order."""

    def __init__(self, mark: str) -> None:
        command = [sys.executable, "-I", "-S", __file__, mark]
        # no variables: it needs none, and the supervisor's can be secrets
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, env={})

    def watch(self, group: int) -> None:
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}")

    def close(self) -> None:
        """Wait until it has killed all remaining processes."""
        self._pipe.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        self._pipe.write(f"{line}\n".encode())
        self._pipe.flush()

    @property
    def _pipe(self) -> IO[bytes]:
        pipe = self._process.stdin
        if pipe is None:
            raise RuntimeError("the watchdog has no pipe")
        return pipe


def main(mark: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: list[int] = []
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.append(group)
        elif group in groups:
            groups.remove(group)
    end(groups)
    sweep(mark)


def end(groups: list[int]) -> None:
    """End the groups, the last started first; each gets GRACE seconds before it is killed.

    What is left after as many seconds more has ended, and only its parent does not know: the supervisor, which waits.
    """
    for group in reversed(groups):
        deadline = time.monotonic() + GRACE
        while _signal_group(group, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL):
            if time.monotonic() > deadline + GRACE:
                break
            time.sleep(0.1)


def sweep(mark: str) -> None:
    """Kill every process with the mark: a process can leave its group, but it keeps its environment."""
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int(folder.name) != os.getpid() and wanted in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue


def _signal_group(group: int, number: signal.Signals) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1])
