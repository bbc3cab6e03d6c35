"""Run a worker until you stop it. The worker runs the flows."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import connection
from liftgate.cli.answer import Answer
from liftgate.errors import Misconfigured
from liftgate.runtime import own_settings
from liftgate.runtime.prefect_server import Access
from liftgate.runtime.signals import end_at_interrupt
from liftgate.runtime.worker import Worker
from liftgate.wiring import Integrations

KEYS: Final[dict[str, str]] = {}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--cold", action="store_true", help="start each flow in a new interpreter, not in a warm fork")


def run(given: Any) -> Answer:
    """Replaces this process with the worker, so that the worker gets the signals and sets the exit code. Raises
    Misconfigured."""
    end_at_interrupt()
    configured, address = connection.settings(), connection.api_url()
    if not address:
        raise Misconfigured("no Prefect server: set LIFTGATE_PREFECT__API_URL or PREFECT_API_URL")
    connection.need_repository()
    check_key()
    folder = configured.state.expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    name, own = configured.prefect.name, own_settings.own("worker", configured)
    worker = Worker(folder, Access(address, connection.auth()), name, warm=not given.cold, settings=own)
    program = next(iter(worker.programs()))
    sys.stdout.flush()
    os.execve(program.command[0], list(program.command), dict(program.environment))


def check_key() -> None:
    """Raises Misconfigured now, not in the first promotion, if the worker cannot sign commits."""
    _ = Integrations(connection.settings()).worker_key
