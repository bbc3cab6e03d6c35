"""Loopback ports: find a free one, and check whether a program listens or answers."""

from __future__ import annotations

import socket

import httpx

from liftgate.integrations.http import client

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A TCP port that is free on the loopback address. Use it soon: the kernel does not reserve it."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


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
