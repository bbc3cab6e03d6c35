"""The signer process's side: takes questions from one socket, and answers each on its own connection."""

from __future__ import annotations

import base64
import json
import socket
import sys
import traceback
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore, Thread
from typing import Any, Final

from liftgate.domain.json_text.bounded_json import loads
from liftgate.errors import LiftgateError, Refused, Unavailable
from liftgate.integrations.signing import KeyHolder

AT_ONCE: Final = 32
"""Questions that are answered side by side; others wait in the socket."""
LARGEST: Final = 4_000_000
"""Bytes of a question."""
ASKED_WITHIN: Final = 10.0
"""Seconds until a whole question must be there."""
ALIVE_EVERY: Final = 3.0
"""Seconds between two signs of life."""

_QUESTIONS: Final[Mapping[str, frozenset[str]]] = {
    "public_half": frozenset(),
    "signature": frozenset({"message", "namespace"}),
    "fetch": frozenset(),
    "push": frozenset({"sha", "ref", "expected", "needless"}),
    "remove": frozenset({"ref"}),
    "forge": frozenset({"verb", "arguments"}),
}
"""The methods of a KeyHolder that can be asked for, with their arguments."""


def serve(control: socket.socket, holder: KeyHolder) -> None:
    """Answer until the last process that can ask has ended."""
    places = BoundedSemaphore(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="signer") as workers:
        while True:
            sign, connections, _, _ = socket.recv_fds(control, 1, 1)
            if not sign:
                return
            for number in connections:
                places.acquire()
                Thread(target=_converse, args=(number, holder, workers, places), daemon=True).start()


def _converse(number: int, holder: KeyHolder, workers: ThreadPoolExecutor, places: BoundedSemaphore) -> None:
    try:
        with socket.socket(fileno=number) as connection:
            connection.settimeout(ASKED_WITHIN)
            with connection.makefile("rb") as lines:
                asked = lines.readline(LARGEST)
            answer = workers.submit(_answered, asked, holder)
            while not _is_done(answer):
                connection.sendall(b"\n")
            connection.sendall(json.dumps(answer.result()).encode() + b"\n")
    except OSError:
        pass  # who asked has ended
    finally:
        places.release()


def _is_done(answer: Future[dict[str, Any]]) -> bool:
    try:
        answer.result(ALIVE_EVERY)
    except TimeoutError:
        return False
    return True


def _answered(asked: bytes, holder: KeyHolder) -> dict[str, Any]:
    """Never raises. What was refused is logged here too: the process that asked may hide it."""
    name = "a question"
    try:
        name, given = _read(asked)
        answer = getattr(holder, name)(**given)
        return {"answer": base64.b64encode(answer).decode() if isinstance(answer, bytes) else answer}
    except LiftgateError as error:
        print(f"signer: {name}: {error}", file=sys.stderr, flush=True)
        wait = error.retry_after if isinstance(error, Unavailable) else None
        return {"error": type(error).__name__, "message": str(error), "retry_after": wait}
    except Exception:  # noqa: BLE001  one bad question must not end the process
        traceback.print_exc()
        return {"error": "Unavailable", "message": "the signer process could not answer; its log says why"}


def _read(asked: bytes) -> tuple[str, dict[str, Any]]:
    """The method and its arguments. Raises Refused for anything else."""
    try:
        question = loads(asked, largest=LARGEST)
        name, given = question["question"], question["given"]
        fits = _QUESTIONS[name] == given.keys() and all(isinstance(given[key], _type(key)) for key in given)
        if "message" in given:
            given = {**given, "message": base64.b64decode(given["message"], validate=True)}
    except (KeyError, TypeError, ValueError, AttributeError):
        fits = False
    if not fits:
        raise Refused("the signer process does not understand this question")
    return str(name), given


def _type(argument: str) -> type:
    return dict if argument == "arguments" else str
