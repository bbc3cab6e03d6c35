"""Asks the signer process, over a socket that this process inherited: one connection for each question."""

from __future__ import annotations

import array
import base64
import json
import os
import select
import socket
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.signing import inherited

if TYPE_CHECKING:
    from liftgate.integrations.git.mirror import Pushed

TAKEN_WITHIN: Final = 10.0
"""Seconds until the signer process must have room for one more question."""
SILENT_FOR: Final = 20.0
"""Seconds without a sign of life from the signer process. It gives one every few seconds while it works."""
_ENDED: Final = "the worker's signer process has ended; the worker must start again"
_ERRORS: Final[Mapping[str, type[LiftgateError]]] = {each.__name__: each for each in (Refused, Misconfigured)}


class RemoteKeyHolder:
    def __init__(self, number: int) -> None:
        """`number` is the file descriptor of the socket. Programs that this process starts do not get it."""
        os.set_inheritable(number, False)
        self._control = socket.socket(fileno=os.dup(number))

    def close(self) -> None:
        """This process can ask no more."""
        self._control.close()

    def public_half(self) -> bytes:
        return self._public

    @cached_property
    def _public(self) -> bytes:
        return base64.b64decode(self._ask("public_half"))

    def signature(self, message: bytes, namespace: str) -> str:
        return str(self._ask("signature", message=base64.b64encode(message).decode(), namespace=namespace))

    def fetch(self) -> str:
        return str(self._ask("fetch"))

    def push(self, sha: str, ref: str, expected: str, needless: str = "") -> Pushed:
        said = self._ask("push", sha=sha, ref=ref, expected=expected, needless=needless)
        return "stale" if said == "stale" else "pushed"

    def remove(self, ref: str) -> None:
        self._ask("remove", ref=ref)

    def forge(self, verb: str, arguments: Mapping[str, Any]) -> Any:
        return self._ask("forge", verb=verb, arguments=dict(arguments))

    def _ask(self, question: str, **given: Any) -> Any:
        """The answer. Raises what the signer process raised, and Unavailable without an answer in time."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._hand_over(theirs)
            try:
                ours.settimeout(SILENT_FOR)
                ours.sendall(json.dumps({"question": question, "given": given}).encode() + b"\n")
                answer = _answer(ours)
            except TimeoutError:
                raise Unavailable(f"the worker's signer process gave no answer for {SILENT_FOR:g} s") from None
            except OSError:
                raise Unavailable(_ENDED) from None
        if answer.get("error") == Unavailable.__name__:
            raise Unavailable(answer["message"], retry_after=answer.get("retry_after"))
        if kind := _ERRORS.get(answer.get("error", "")):
            raise kind(answer["message"])
        return answer["answer"]

    def _hand_over(self, connection: socket.socket) -> None:
        """No flag of the socket is changed: other processes share it."""
        fds = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [connection.fileno()]))]
        end = time.monotonic() + TAKEN_WITHIN
        while time.monotonic() < end:
            try:
                self._control.sendmsg([b"."], fds, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            except BlockingIOError:
                select.select([], [self._control], [], 0.1)
            except OSError:
                raise Unavailable(_ENDED) from None
            else:
                return
        raise Unavailable(f"the worker's signer process took no question for {TAKEN_WITHIN:g} s")


def inherited_holder() -> RemoteKeyHolder | None:
    """The signer process that this process can ask; None without one."""
    return next((RemoteKeyHolder(number) for number in inherited()), None)


def _answer(connection: socket.socket) -> dict[str, Any]:
    """The first line with text; each empty one before it is a sign of life."""
    with connection.makefile("rb") as lines:
        for line in lines:
            if line.strip():
                found: dict[str, Any] = json.loads(line)
                return found
    raise ConnectionError(_ENDED)
