"""Loopback ports: one that is free, and whether somebody listens or answers."""

from __future__ import annotations

import socket

import httpx

from liftgate.integrations.http import client

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A TCP port nobody has on the loopback address now; take it soon, the kernel does not reserve it."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((LOOPBACK, port)) == 0


def answers(url: str) -> bool:
    """Whether a GET is answered with 200 within two seconds."""
    try:
        with client(url, {}) as http:
            return http.get(url, timeout=2.0).status_code == 200
    except httpx.HTTPError:
        return False
