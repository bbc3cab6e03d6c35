"""Ends the process of a flow in which nothing goes on any more.

A thread that waits for a lock or an answer that never comes keeps its process alive. Its heartbeats go on, so no other
worker takes the run. When the process has ended, the run begins again as after any other death.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

NAME: Final = "stuck"
AFTER: Final = 900.0
"""Seconds. Each wait of ours wakes at least once a minute; a team's own step may wait so long in a single call."""
EVERY: Final = 10.0
STUCK: Final = 70
"""The exit code: a fault of the software (`EX_SOFTWARE` in sysexits.h)."""
_SWITCHES: Final = ("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches")
"""How often a thread stopped running, so it ran in between (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html)."""


def watch(after: float = AFTER, every: float = EVERY) -> None:
    """From now on, end this process when none of its threads ran for `after` seconds, daemons aside: those look after
    the run, and do not carry it out."""
    threading.Thread(target=_watch, args=(after, every), name=NAME, daemon=True).start()


def ending(run: Callable[[Any], None]) -> Callable[[Any], None]:
    """Prefect's thread with an event loop: what others hand to it they wait for without a limit. If the event loop
    cannot start, for want of a file descriptor, or fails later, the process ends."""

    def run_or_end(thread: Any) -> None:
        try:
            run(thread)
        except BaseException:  # noqa: BLE001 - the others wait, after any error
            end(STUCK, traceback.print_exc)

    return run_or_end


def end(code: int, say: Callable[[], object]) -> NoReturn:
    """End this process at once. Where nothing can be written, as on a full disk, `say` fails, and it ends all the
    same."""
    try:
        say()
    finally:
        os._exit(code)


def _watch(after: float, every: float) -> None:
    before, since = _ran(), time.monotonic()
    while before:
        time.sleep(every)
        if (ran := _ran()) != before:
            before, since = ran, time.monotonic()
        elif time.monotonic() - since >= after:
            end(STUCK, lambda: _say(f"nothing went on for {after:.0f} s: this process ends, and the run begins again"))


def _say(why: str) -> None:
    """With where each thread waits."""
    print(why, file=sys.stderr)
    faulthandler.dump_traceback()


def _ran() -> Mapping[int, tuple[str, ...]]:
    """By thread. Empty if the kernel does not tell."""
    ran = {}
    for thread in threading.enumerate():
        number = os.getpid() if thread is threading.main_thread() else thread.native_id  # stale there after a fork
        if number and not thread.daemon:
            with contextlib.suppress(OSError):  # it has ended
                lines = Path(f"/proc/self/task/{number}/status").read_text().splitlines()
                ran[number] = tuple(line for line in lines if line.startswith(_SWITCHES))
    return ran
