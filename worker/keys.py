"""How a worker parts with its keys before it imports a flow: a signer process gets them, and the worker starts anew."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from threading import Thread

from liftgate import settings as configured
from liftgate.errors import LiftgateError
from liftgate.integrations.signing import VARIABLE, inherited
from liftgate.integrations.signing.client import RemoteKeyHolder
from liftgate.runtime.worker_environment import held, without_keys

LOST = 3
"""Exit code of a worker whose signer process has ended."""


def part_with_keys(arguments: list[str]) -> None:
    """Become a worker without keys, in the same process: a variable that was removed stays readable in /proc.

    Does nothing in that worker, and where there is no key.
    """
    if inherited():
        return
    try:
        settings = configured.load()
        if not settings.worker.signing_key.get_secret_value():
            return
        variables = held(settings)
        environment = without_keys(settings, os.environ)
        number = _start_signer(variables, environment)
    except LiftgateError as error:
        sys.exit(str(error))
    sys.stdout.flush()
    os.set_inheritable(number, True)
    spec = sys.modules["__main__"].__spec__
    program = spec.name if spec else "worker"
    os.execve(sys.executable, [sys.executable, "-m", program, *arguments], environment | {VARIABLE: str(number)})


def _start_signer(variables: dict[str, str], environment: dict[str, str]) -> int:
    """The socket's number once the signer process has read its key. Raises Unavailable, Misconfigured."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "worker.signer", str(theirs.fileno())]
    with theirs:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, env=environment, pass_fds=[theirs.fileno()], start_new_session=True
        )
    if process.stdin:
        with process.stdin as secrets:
            secrets.write(json.dumps(variables).encode())
    RemoteKeyHolder(ours.fileno()).public_half()
    return ours.detach()


def end_without_signer() -> None:
    """End this worker, as at SIGTERM, when its signer process ends: it has no key to start another one with."""
    for number in inherited():
        Thread(target=_watch, args=(number,), name="signer", daemon=True).start()


def lost_signer() -> bool:
    """Whether the signer process of this worker has ended."""
    return any(_is_over(number, 0) for number in inherited())


def _watch(number: int) -> None:
    _is_over(number, None)
    print("the signer process has ended; this worker ends too", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)


def _is_over(number: int, within: int | None) -> bool:
    look = select.poll()
    look.register(number, 0)  # only what is reported in any case: that the other end is closed
    return bool(look.poll(within))
