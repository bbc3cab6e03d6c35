"""Run the gatehouse: board, pages, Slack's buttons, webhooks, metrics and the sweep, until it is stopped."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import server
from liftgate.cli.answer import Answer
from liftgate.errors import Misconfigured
from liftgate.runtime.ports import LOOPBACK, is_listening
from liftgate.wiring import Integrations

KEYS: Final[dict[str, str]] = {}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default=LOOPBACK, help="address to listen at (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen at (8080)")


def run(given: Any) -> Answer:
    """Raises Misconfigured for a setting that is missing, or a port that is taken."""
    server.need_repository()
    server.registry()
    if given.host == LOOPBACK and is_listening(given.port):
        raise Misconfigured(f"port {given.port} is taken by another program; name a free one with --port")
    from liftgate.gatehouse.main import serve

    serve(Integrations(server.settings()), given.host, given.port)
    return Answer("", {})
