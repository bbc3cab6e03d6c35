"""Ends a supervisor's programs when the supervisor is gone, even by kill -9.

It runs as a process of its own that reads `+group` and `-group` lines from a pipe only the supervisor can
write to; the end of the pipe is the end of the supervisor. It runs as a plain file, on the standard library.
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
"""Environment variable that marks every process below one supervisor, those that left its groups too."""


class Watchdog:
    """The supervisor's end: tell it what to watch; `close()` when everything was ended in order."""

    def __init__(self, mark: str) -> None:
        command = [sys.executable, "-I", "-S", __file__, mark]
        # no variables: it needs none, and the supervisor's can be secrets
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, env={})

    def watch(self, group: int) -> None:
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}")

    def close(self) -> None:
        """Wait until it has swept away what is left."""
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
    """Last started, first ended; each has its grace before it is killed."""
    for group in reversed(groups):
        deadline = time.monotonic() + GRACE
        while _signal_group(group, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL):
            time.sleep(0.1)


def sweep(mark: str) -> None:
    """Kill every process that carries the mark; a process can leave its group but not its environment."""
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
