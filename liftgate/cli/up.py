"""Run the Prefect server, a worker and the gatehouse on this machine until Ctrl-C, with the flows registered.

Called again it finds what runs already. Nothing is left behind when it ends.
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

from liftgate.cli import deploy, server
from liftgate.cli.answer import Answer, say
from liftgate.cli.worker import check_key
from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.registration import Registry
from liftgate.runtime import own_settings, prefect_secret, record
from liftgate.runtime.alone import alone
from liftgate.runtime.gatehouse import Gatehouse
from liftgate.runtime.ports import LOOPBACK, is_listening
from liftgate.runtime.prefect_server import PrefectServer
from liftgate.runtime.project import project_root
from liftgate.runtime.registration import register, written
from liftgate.runtime.signals import end_at_interrupt, is_ignored
from liftgate.runtime.supervisor import Supervisor
from liftgate.runtime.worker import Worker
from liftgate.settings import Settings

KEYS: Final = {
    "addresses": "object of page to address",
    "running": "whether it ran already",
    "prefect_secret": "the file with the secret that Prefect's pages and API ask for",
}
NAME = "up"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--prefect-port", type=int, default=4200, metavar="PORT", help="of Prefect's pages (4200)")
    parser.add_argument("--gatehouse-port", type=int, default=8080, metavar="PORT", help="of the gatehouse (8080)")


def run(given: Any) -> Answer:
    """Raises Misconfigured for a setting or a port, Unavailable when something cannot be reached or ends by itself."""
    end_at_interrupt()
    folder = server.up_folder(server.settings())
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    found = record.read(folder, NAME)
    if found:
        return _answer(folder, found.details, running=True)
    tree = server.fetched()
    check_key()
    for port, option in ((given.prefect_port, "--prefect-port"), (given.gatehouse_port, "--gatehouse-port")):
        if is_listening(port):
            raise Misconfigured(f"port {port} is taken by another program; name a free one with {option}")
    starting = "another `liftgate up` is just starting here; call again in a moment"
    with _stopped_by_signals(), alone(folder / "up.lock", starting):
        return _serve(given, folder, tree)


def _serve(given: Any, folder: Path, tree: Tree) -> Answer:
    configured, name = server.settings(), server.settings().prefect.name
    prefect = _prefect(given, folder, configured)
    gatehouse_url = f"http://{LOOPBACK}:{given.gatehouse_port}"
    variables = {
        "LIFTGATE_PREFECT__API_URL": prefect.api_url,
        "LIFTGATE_PREFECT__AUTH_STRING": prefect.access.secret,
        "LIFTGATE_GATEHOUSE__URL": configured.gatehouse.url or gatehouse_url,
    }
    worker = own_settings.own("worker", configured) | variables
    gatehouse = own_settings.environment("gatehouse", configured, os.environ) | variables
    addresses = {"Prefect": prefect.ui_url, "gatehouse": gatehouse_url}
    try:
        with Supervisor(folder, say) as supervisor:
            supervisor.start(prefect)
            registry = Registry(prefect.api_url, prefect.access.secret, name)
            say(deploy.answer(register(registry, tree, written(project_root()))).text)
            supervisor.start(Worker(folder, prefect.access, name, settings=worker))
            supervisor.start(Gatehouse(folder, given.gatehouse_port, gatehouse))
            record.write(folder, NAME, os.getpid(), addresses)
            print(_answer(folder, addresses, running=False).text, flush=True)
            _stay(supervisor)
    except KeyboardInterrupt:
        return Answer("stopped", _data(folder, addresses, running=False))
    finally:
        record.remove(folder, NAME)


def _prefect(given: Any, folder: Path, configured: Settings) -> PrefectServer:
    database = configured.prefect.database.get_secret_value() or None
    environ = own_settings.environment("Prefect server", configured, os.environ)
    prefect = PrefectServer(folder, given.prefect_port, database, environ=environ)
    if prefect.warning:
        say(prefect.warning)
    return prefect


def _stay(supervisor: Supervisor) -> NoReturn:
    """Until somebody interrupts, or a program ends by itself."""
    while True:
        ended = supervisor.ended()
        if ended:
            raise Unavailable(f"{ended.program.name} ended with code {ended.exit_code}: {ended.last_lines()}")
        time.sleep(0.5)


def _answer(folder: Path, addresses: Mapping[str, str], *, running: bool) -> Answer:
    lines = [f"{name:<10} {address}" for name, address in addresses.items()]
    lines.append(prefect_secret.how_to_sign_in(folder))
    if running:
        lines.insert(0, "running already:")
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        lines.append(f"from your own machine: {_tunnel(addresses)}")
    return Answer("\n".join(lines), _data(folder, addresses, running=running))


def _data(folder: Path, addresses: Mapping[str, str], *, running: bool) -> dict[str, Any]:
    secret = str(prefect_secret.path(folder))
    return {"addresses": dict(addresses), "running": running, "prefect_secret": secret}


def _tunnel(addresses: Mapping[str, str]) -> str:
    ports = [address.rpartition(":")[2] for address in addresses.values()]
    return " ".join(["ssh", *(f"-L {port}:{LOOPBACK}:{port}" for port in ports), socket.gethostname()])


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """A service manager ends it as Ctrl-C does, and so does a terminal that is closed, unless nohup keeps it."""
    numbers = [signal.SIGTERM, *([] if is_ignored(signal.SIGHUP) else [signal.SIGHUP])]
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
