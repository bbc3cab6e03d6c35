"""A program's deadline: when it is over, the program ends, and everything it started ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Final

GRACE: Final = 2.0
"""Seconds in which a program may clean up (git removes its lock files) before it is killed."""
LONGEST: Final = 60
"""How often progress may begin a deadline anew."""


def output_of(
    process: subprocess.Popen[bytes], within: float, alive: Callable[[], None] | None = None
) -> tuple[bytes, bytes]:
    """What it printed, once it is over. Raises TimeoutError when it did not end within so many seconds.

    The process must lead a session of its own: whatever is left of its group is killed in any case. With `alive`,
    which is called then, the deadline begins anew as long as its standard error grows.
    """
    seen = 0
    try:
        for _ in range(LONGEST if alive else 1):
            try:
                out, err = process.communicate(timeout=within)
            except subprocess.TimeoutExpired as late:
                grown = len(late.stderr or b"")
                if alive is None or grown <= seen:
                    break
                seen = grown
                alive()
            else:
                return out or b"", err or b""
        raise TimeoutError
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end if it still runs, then kill what is left of its group."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        _wait(process)
    _signal(process, signal.SIGKILL)
    _wait(process)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            pipe.close()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # the latter: only zombies are left (macOS)
        os.killpg(process.pid, number)


def _wait(process: subprocess.Popen[bytes]) -> None:
    """Never for ever: a process in an uninterruptible system call ends when the kernel lets it."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
