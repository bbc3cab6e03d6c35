"""The keeper of one run: starts the flow, reports its end to the worker, ends it when the worker has ended."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
from pathlib import Path
from typing import Any, NoReturn

from worker import child
from worker.engine import Start

GRACE = 10.0
"""Seconds for a flow to report to Prefect that it was terminated."""
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def run(connection: int, start: Start) -> NoReturn:
    """Handle one request; never returns to the zygote's code."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with socket.socket(fileno=connection) as worker:
            code = keep(worker, start)
    finally:
        os._exit(code)


def keep(worker: socket.socket, start: Start) -> int:
    request = _read(worker)
    if request is None:
        return 1
    keeper = os.getpid()
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    flow = os.fork()
    if flow == 0:
        worker.close()
        _die_with(keeper)
        child.become(start, **request)
    _tell(worker, pid=flow)
    _await(flow, worker)
    _, status = os.waitpid(flow, 0)
    _end_what_is_left()
    _tell(worker, code=os.waitstatus_to_exitcode(status))
    return 0


def _await(flow: int, worker: socket.socket) -> None:
    """Return when the flow has ended. If the worker sends a byte, kill it; if the worker has ended, let it report that
    it was terminated. Everything that it started ends too."""
    ended = os.pidfd_open(flow)
    ready, _, _ = select.select([ended, worker.fileno()], [], [])
    if ended not in ready and not _is_killed(worker):
        with contextlib.suppress(ProcessLookupError):
            os.kill(flow, signal.SIGTERM)
        select.select([ended], [], [], GRACE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(flow, signal.SIGKILL)


def _is_killed(worker: socket.socket) -> bool:
    """Whether the worker asked to kill the flow."""
    try:
        return bool(worker.recv(1))
    except OSError:
        return False


def _end_what_is_left() -> None:
    """Kill the processes that the flow left. Its git and test commands have their own sessions; orphans become ours."""
    while left := _children():
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _children() -> list[int]:
    """Empty if the kernel does not list them."""
    try:
        return [int(text) for text in Path("/proc/thread-self/children").read_text().split()]
    except OSError:
        return []


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value)


def _die_with(keeper: int) -> None:
    """Start a process group; the kernel kills this process if its keeper dies."""
    os.setsid()
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:
        os._exit(1)


def _read(worker: socket.socket) -> dict[str, Any] | None:
    with worker.makefile("rb") as lines:
        line = lines.readline()
    return json.loads(line) if line else None


def _tell(worker: socket.socket, **what: int) -> None:
    with contextlib.suppress(OSError):
        worker.sendall(json.dumps(what).encode() + b"\n")
