"""Run the gatehouse: board, pages, Slack's buttons, webhooks, metrics and the sweep, until it is stopped."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import server
from liftgate.cli.answer import Answer
from liftgate.errors import Misconfigured
from liftgate.runtime import own_settings
from liftgate.runtime.ports import LOOPBACK, is_listening
from liftgate.runtime.project import python_path
from liftgate.runtime.signals import end_at_interrupt
from liftgate.wiring import Integrations

KEYS: Final[dict[str, str]] = {}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default=LOOPBACK, help="address to listen at (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen at (8080)")


def run(given: Any) -> Answer:
    """Raises Misconfigured for a setting that is missing, or a port that is taken."""
    end_at_interrupt()
    server.need_repository()
    server.registry()
    if given.host == LOOPBACK and is_listening(given.port):
        raise Misconfigured(f"port {given.port} is taken by another program; name a free one with --port")
    _hold_own_settings_only(given)
    from liftgate.gatehouse.main import serve

    serve(Integrations(server.settings()), given.host, given.port)
    return Answer("", {})


def _hold_own_settings_only(given: Any) -> None:
    """Begin again, as the same process, without what is not the gatehouse's: a worker's key among the variables."""
    own = own_settings.environment("gatehouse", server.settings(), os.environ)
    if os.environ.keys() <= own.keys():
        return
    command = [sys.executable, "-m", "liftgate.cli.main", "gatehouse", "--host", given.host, "--port", str(given.port)]
    sys.stdout.flush()
    os.execve(command[0], command, own | {"PYTHONPATH": python_path()})
