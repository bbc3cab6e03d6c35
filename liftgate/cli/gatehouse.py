"""Run the gatehouse: board, pages, Slack's buttons, webhooks, metrics and the sweep, until it is stopped."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import server
from liftgate.cli.answer import Answer
from liftgate.runtime.gatehouse import command
from liftgate.runtime.ports import LOOPBACK
from liftgate.runtime.project import python_path

KEYS: Final[dict[str, str]] = {}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default=LOOPBACK, help="address to listen at (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8070, help="port to listen at (8070)")


def run(given: Any) -> Answer:
    """Becomes the gatehouse, so that signals and the exit code are its own. Raises Misconfigured."""
    server.need_repository()
    server.registry()
    sys.stdout.flush()
    os.execve(sys.executable, command(given.host, given.port), {**os.environ, "PYTHONPATH": python_path()})
