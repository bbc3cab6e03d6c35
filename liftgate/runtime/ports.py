"""Loopback ports: find a free one, and check whether a program listens or answers."""

from __future__ import annotations

import random
import socket

import httpx

from liftgate.integrations.http import client

LOOPBACK = "127.0.0.1"
CHOSEN_FROM = range(20_000, 30_000)
"""Below the ports that an outgoing connection gets: from 32768 on Linux, from 49152 on macOS, and Kubernetes' own."""


def free_port() -> int:
    """A TCP port that is free on the loopback address, and that no outgoing connection takes before it is used.

    Raises:
        StopIteration: all are in use.
    """
    return next(port for port in random.sample(CHOSEN_FROM, len(CHOSEN_FROM)) if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def answers(url: str) -> bool:
    """Whether a GET returns 200 within two seconds."""
    try:
        with client(url, {}) as http:
            return http.get(url, timeout=2.0).status_code == 200
    except httpx.HTTPError:
        return False
