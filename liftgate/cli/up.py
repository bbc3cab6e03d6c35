"""Run the Prefect server, a worker and the Liftgate server on this machine until Ctrl-C, and register the flows.

If they already run, it prints their addresses. A program that ends by itself is started again, with growing pauses, and
`up` says so; it gives up when one ends six times in ten minutes. When `up` ends, it stops all of them.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from liftgate.cli import connection, deploy
from liftgate.cli.answer import Answer, on_terminal, say
from liftgate.cli.worker import check_key
from liftgate.errors import Misconfigured
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.runs.registration import Registry
from liftgate.runtime import own_settings, prefect_secret, record
from liftgate.runtime.alone import alone
from liftgate.runtime.liftgate_server import LiftgateServer
from liftgate.runtime.ports import LOOPBACK, is_listening
from liftgate.runtime.prefect_server import Limits, PrefectServer
from liftgate.runtime.project import project_root
from liftgate.runtime.registration import register, written
from liftgate.runtime.restarts import Restarts
from liftgate.runtime.several_hosts import shared_variables
from liftgate.runtime.signals import end_at_interrupt, is_ignored
from liftgate.runtime.supervisor import Supervisor
from liftgate.runtime.worker import Worker
from liftgate.settings import Settings
from liftgate.wiring import Integrations

KEYS: Final = {
    "addresses": "object of page to address",
    "running": "whether they already ran",
    "prefect_secret": "the file with the secret that Prefect's pages and API require",
}
NAME = "up"
STARTS_WITHIN: Final = 300.0
"""Seconds that the start of Prefect's server waits for that of another host."""


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--prefect-port", type=int, default=4200, metavar="PORT", help="Prefect's port (4200)")
    parser.add_argument("--server-port", type=int, default=8080, metavar="PORT", help="Liftgate's port (8080)")


def run(given: Any) -> Answer:
    """Raises Misconfigured for a wrong setting or a port in use, Unavailable when a server cannot be reached or a
    program ends by itself too often."""
    end_at_interrupt()
    folder = connection.up_folder(connection.settings())
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    found = record.read_record(folder, NAME)
    if found:
        return _answer(folder, found.details, running=True)
    tree = connection.fetched()
    check_key()
    for port, option in ((given.prefect_port, "--prefect-port"), (given.server_port, "--server-port")):
        if is_listening(port):
            raise Misconfigured(f"another program uses port {port}; choose a free one with {option}")
    starting = "another `liftgate up` is starting here; try again in a moment"
    with _stopped_by_signals(), alone(folder / "up.lock", starting):
        return _serve(given, folder, tree)


def _serve(given: Any, folder: Path, tree: ConfigSnapshot) -> Answer:
    configured, name = connection.settings(), connection.settings().prefect.name
    prefect = _prefect(given, folder, configured)
    server_url = f"http://{LOOPBACK}:{given.server_port}"
    variables = {
        "LIFTGATE_PREFECT__API_URL": prefect.api_url,
        "LIFTGATE_PREFECT__AUTH_STRING": prefect.access.secret,
        "LIFTGATE_SERVER__URL": configured.server.url or server_url,
    }
    worker = own_settings.own("worker", configured) | variables
    server = own_settings.environment("server", configured, os.environ) | variables
    can_sign_in = bool(configured.server.signing_key.get_secret_value())
    addresses = {"Liftgate": server_url, "Prefect": f"{server_url}/prefect/" if can_sign_in else prefect.ui_url}
    try:
        with Supervisor(folder, say) as supervisor:
            _start(supervisor, prefect, configured)
            registry = Registry(prefect.api_url, prefect.access.secret, name)
            made = register(registry, tree, written(project_root()), configured.prefect.limit)
            say(deploy.answer(made).text)
            supervisor.start(Worker(folder, prefect.access, name, settings=worker))
            supervisor.start(LiftgateServer(folder, given.server_port, server))
            record.write_record(folder, NAME, os.getpid(), addresses)
            print(on_terminal(_answer(folder, addresses, running=False).text), flush=True)
            _stay(supervisor)
    except KeyboardInterrupt:
        return Answer("stopped", _data(folder, addresses, running=False))
    finally:
        record.remove_record(folder, NAME)


def _start(supervisor: Supervisor, prefect: PrefectServer, configured: Settings) -> None:
    """Of several hosts that share a database one at a time: a start may change the form of Prefect's tables."""
    if not configured.prefect.redis.get_secret_value():
        supervisor.start(prefect, needed=True)
        return
    at = Integrations(configured)
    with at.database.alone("start of Prefect", at.clock, STARTS_WITHIN) as alone_there:
        if not alone_there:
            say(f"another host has been starting its Prefect server for {STARTS_WITHIN:.0f} s; this one starts now")
        supervisor.start(prefect, needed=True)


def _prefect(given: Any, folder: Path, configured: Settings) -> PrefectServer:
    database = configured.prefect.database.get_secret_value() or None
    environ = own_settings.environment("Prefect server", configured, os.environ)
    limits = Limits(configured.prefect.limit, configured.prefect.retention_days)
    shared = shared_variables(configured)
    prefect = PrefectServer(folder, given.prefect_port, database, limits=limits, settings=shared, environ=environ)
    if prefect.warning:
        say(prefect.warning)
    return prefect


def _stay(supervisor: Supervisor) -> NoReturn:
    """Until a person interrupts, or a program ends by itself too often."""
    restarts = Restarts()
    while True:
        supervisor.restart_ended(restarts)
        supervisor.bound_logs()
        time.sleep(0.5)


def _answer(folder: Path, addresses: Mapping[str, str], *, running: bool) -> Answer:
    lines = [f"{name:<10} {address}" for name, address in addresses.items()]
    lines.append(prefect_secret.where_needed(folder))
    if running:
        lines.insert(0, "already running:")
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        lines.append(f"to reach it from your own machine: {_tunnel(addresses)}")
    return Answer("\n".join(lines), _data(folder, addresses, running=running))


def _data(folder: Path, addresses: Mapping[str, str], *, running: bool) -> dict[str, Any]:
    secret = str(prefect_secret.path(folder))
    return {"addresses": dict(addresses), "running": running, "prefect_secret": secret}


def _tunnel(addresses: Mapping[str, str]) -> str:
    ports = dict.fromkeys(urlsplit(address).port for address in addresses.values())
    return " ".join(["ssh", *(f"-L {port}:{LOOPBACK}:{port}" for port in ports), socket.gethostname()])


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """SIGTERM from a service manager acts like Ctrl-C; so does closing the terminal, except under nohup."""
    numbers = [signal.SIGTERM, *([] if is_ignored(signal.SIGHUP) else [signal.SIGHUP])]
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
