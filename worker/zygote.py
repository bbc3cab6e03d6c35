"""The zygote: one thread, everything imported. It forks a keeper for each run, and restarts for new code."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading

from liftgate.integrations.signing import inherited
from worker import child, engine, sources
from worker.engine import Start
from worker.forked import name_process

NAME = "liftgate-zygote"
"""The name of the process."""


def main(
    control: int,
    pending: int | None = None,
    *,
    start: Start = engine.start,
    known: str = "",
    program: str = "worker.zygote",
) -> None:
    """Serve requests from the socket `control` until the worker closes its end.

    `pending` is a request that arrived while the code was outdated: its socket survived the restart. `start` is what
    each flow's process runs. `known` is the fingerprint of the code, if some of it is imported already. `program` is
    what starts this zygote anew.
    """
    name_process(NAME)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the keepers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # as in the worker, while it imports
    known = known or sources.fingerprint()
    sources.preload()
    child.rehearse()
    if threading.active_count() != 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        print(f"warm starts are off: importing the flows started threads ({names})", file=sys.stderr, flush=True)
        return
    gc.collect()
    gc.freeze()
    gc.enable()
    requests = socket.socket(fileno=control)
    if pending is not None:
        fork_keeper(pending, requests, start)
    while True:
        request = next_request(requests)
        if request is None:
            return
        if sources.fingerprint() != known:
            start_anew(program, control, request)
        fork_keeper(request, requests, start)


def next_request(requests: socket.socket) -> int | None:
    """The socket of the next run; None when the worker has ended."""
    message, sockets, _, _ = socket.recv_fds(requests, 1, 1)
    return sockets[0] if message and sockets else None


def start_anew(program: str, control: int, request: int) -> None:
    """Start a fresh interpreter with the new code in the same process, with the same sockets."""
    for kept in (control, request, *inherited()):
        os.set_inheritable(kept, True)
    os.execv(sys.executable, [sys.executable, "-m", program, str(control), str(request)])


def fork_keeper(request: int, requests: socket.socket, start: Start) -> None:
    if os.fork() == 0:
        requests.close()
        from worker import keeper

        keeper.run(request, start)
    os.close(request)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
