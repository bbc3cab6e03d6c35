"""A process that is a copy of this one, with everything that is imported here, and does something else."""

from __future__ import annotations

import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

_COMM = Path("/proc/self/comm")


class Forked:
    """Runs `run` with an empty standard input, and ends. This process must have one thread.

    Has the methods of `subprocess.Popen` that are used.
    """

    def __init__(self, run: Callable[[], object]) -> None:
        _flush()  # else both would print it
        self.pid = os.fork()
        if self.pid == 0:
            _become(run)
        self._end = os.pidfd_open(self.pid)
        self._code: int | None = None

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        if self._code is None and select.select([self._end], [], [], 0)[0]:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._end)
        return self._code

    def wait(self, timeout: float) -> int | None:
        """Its exit code; None if it still runs after so many seconds."""
        if self._code is None:
            select.select([self._end], [], [], timeout)
        return self.poll()

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def name_process(name: str) -> None:
    """What `ps` and `pgrep` show as its command: a fork has the command line of its parent. At most 15 characters."""
    with suppress(OSError):  # a name is only for people
        _COMM.write_text(name, encoding="ascii")


def _become(run: Callable[[], object]) -> NoReturn:
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        run()
        code = 0
    except BaseException:  # noqa: BLE001 - the edge of a process: what called this goes on in the other one
        traceback.print_exc()
    finally:
        _flush()
        os._exit(code)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
