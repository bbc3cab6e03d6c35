"""Run the Liftgate server until you stop it: board, pages, Slack buttons, webhooks, metrics and recovery."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import connection
from liftgate.cli.answer import Answer
from liftgate.errors import Misconfigured
from liftgate.runtime import own_settings
from liftgate.runtime.ports import LOOPBACK, is_listening
from liftgate.runtime.project import python_path
from liftgate.runtime.signals import end_at_interrupt
from liftgate.wiring import Integrations

KEYS: Final[dict[str, str]] = {}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on (8080)")


def run(given: Any) -> Answer:
    """Raises Misconfigured for a missing setting or a port in use."""
    end_at_interrupt()
    connection.need_repository()
    connection.registry()
    if given.host == LOOPBACK and is_listening(given.port):
        raise Misconfigured(f"another program uses port {given.port}; choose a free one with --port")
    at = Integrations(connection.settings())
    if at.settings.server.database.get_secret_value():
        at.database  # noqa: B018  a wrong address stops the server now, not the first person who signs in
    _hold_own_settings_only(given)
    from liftgate.server.main import serve

    serve(at, given.host, given.port)
    return Answer("", {})


def _hold_own_settings_only(given: Any) -> None:
    """Restart this process without the variables of other programs, such as the worker's key."""
    own = own_settings.environment("server", connection.settings(), os.environ)
    if os.environ.keys() <= own.keys():
        return
    command = [sys.executable, "-m", "liftgate.cli.main", "server", "--host", given.host, "--port", str(given.port)]
    sys.stdout.flush()
    os.execve(command[0], command, own | {"PYTHONPATH": python_path()})
