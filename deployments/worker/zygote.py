"""The zygote: one thread, everything imported, forks a keeper for each run, starts anew for new code."""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import threading

from deployments.worker import child, sources


def main(control: int, pending: int | None = None) -> None:
    """Serve requests from the socket `control` until standard input ends.

    `pending` is a request that came while the code was out of date: its socket was kept over the restart.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are nobody's business: the kernel buries them
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    known = sources.fingerprint()
    sources.preload()
    child.rehearse()
    if threading.active_count() != 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        sys.exit(f"warm starts are off: importing the flows started threads ({names})")
    gc.collect()
    gc.freeze()
    requests = socket.socket(fileno=control)
    if pending is not None:
        fork_keeper(pending, requests)
    while True:
        request = next_request(requests)
        if request is None:
            return
        if sources.fingerprint() != known:
            start_anew(control, request)
        fork_keeper(request, requests)


def next_request(requests: socket.socket) -> int | None:
    """The socket of the next run; None when the worker is gone."""
    ready, _, _ = select.select([requests, sys.stdin], [], [])
    if sys.stdin in ready:
        return None
    message, sockets, _, _ = socket.recv_fds(requests, 1, 1)
    return sockets[0] if message and sockets else None


def start_anew(control: int, request: int) -> None:
    """Become a fresh interpreter with the new code; the same process, the same sockets."""
    for kept in (control, request):
        os.set_inheritable(kept, True)
    os.execv(sys.executable, [sys.executable, "-m", "deployments.worker.zygote", str(control), str(request)])


def fork_keeper(request: int, requests: socket.socket) -> None:
    if os.fork() == 0:
        requests.close()
        from deployments.worker import keeper

        keeper.run(request)
    os.close(request)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
