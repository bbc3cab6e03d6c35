"""A git client that dies in the middle of a push leaves nothing running on the forge."""

from __future__ import annotations

import base64
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox_tests.forge.world import REPOSITORY, TOKENS, World

_PATIENCE = 30.0


def backends(world: World) -> list[Path]:
    """The processes that work on this forge's repositories, by their environment."""
    mark = f"GIT_PROJECT_ROOT={world.forge.core.repositories}".encode()
    return [process for process in Path("/proc").glob("[0-9]*") if mark in _environment(process)]


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


def until(holds: Callable[[], bool]) -> None:
    patience = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < patience
        time.sleep(0.02)


def half_a_push(world: World) -> socket.socket:
    """The connection of a client that has announced more than it sent."""
    where = urlsplit(world.url)
    connection = socket.create_connection((str(where.hostname), int(where.port or 80)))
    secret = base64.b64encode(f"ada:{TOKENS['ada']}".encode()).decode()
    head = [
        f"POST /{REPOSITORY}.git/git-receive-pack HTTP/1.1",
        f"Host: {where.netloc}",
        f"Authorization: Basic {secret}",
        "Content-Type: application/x-git-receive-pack-request",
        "Content-Length: 1000000",
    ]
    connection.sendall("\r\n".join([*head, "", "0094"]).encode())
    return connection


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_client_that_dies_in_a_push_leaves_no_process(world: World) -> None:
    world.commit({"a": "1"})
    connection = half_a_push(world)
    until(lambda: len(backends(world)) > 1)
    connection.close()
    until(lambda: not backends(world))
    assert world.commit({"a": "2"})
