"""Show Liftgate with an example on this machine; it needs no cluster, account or network.

It starts sandbox servers that speak the real protocols, a Prefect server, a worker and the Liftgate server. When it
ends, it stops them all.
"""

from __future__ import annotations

import os
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from liftgate.cli.answer import FAILED, Answer, has_colour, paint, say, table
from liftgate.errors import LiftgateError
from liftgate.runtime.signals import end_at_interrupt

KEYS: Final = {
    "ok": "whether every expectation was met",
    "broken": "the expectations that were not met",
    "seconds": "total time",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="a second sandbox person presses the buttons")
    parser.add_argument("--exit", action="store_true", help="stop everything at the end instead of running on")
    parser.add_argument("--folder", metavar="DIR", default="", help="folder for its files (replaced at each start)")


def run(given: Any) -> Answer:
    """Exit code 1 when an expectation was not met."""
    from liftgate.demo.ending import metrics
    from liftgate.demo.ending import table as happened
    from liftgate.demo.repository import APPLICATION
    from liftgate.demo.story import Story
    from liftgate.demo.world import World

    end_at_interrupt()
    began = time.monotonic()
    folder = Path(given.folder).resolve() if given.folder else Path.cwd() / ".liftgate" / "demo"
    with World(folder, os.environ, _progress(began)) as world:
        _addresses(world)
        story = Story(world, say, by_itself=given.yes, colour=has_colour())
        try:
            story.tell()
            say(paint("\n3. What happened, read only from Git and the ledger", "bold"))
            for rows in (happened(world.at.entries(APPLICATION)), metrics(world)):
                say("\n" + "\n".join(table(rows)))
        except LiftgateError as error:  # keep the servers for the person, unless --exit is given
            if given.exit:
                raise
            story.expect.check(f"the demo completes: {error}", holds=False)
        broken = story.expect.broken
        for claim in broken:
            say(paint(f"not met: {claim}", "red"))
        took = time.monotonic() - began
        if not given.exit:
            _stay(world)
    good = paint("all expectations met", "green") if not broken else paint(f"{len(broken)} not met", "red")
    data = {"ok": not broken, "broken": broken, "seconds": round(took, 1)}
    return Answer(f"\n{good}; it took {took:.0f} s", data, FAILED if broken else 0)


def _progress(began: float) -> Callable[[str], None]:
    return lambda line: say(paint(f"  {time.monotonic() - began:5.1f} s  ", "dim") + line)


def _addresses(world: Any) -> None:
    urls = world.sandbox["urls"]
    pages = {
        "board": world.server.url,
        "Slack": urls["slack"],
        "Prefect": f"{world.server.url}/prefect/",
        "forge": f"{urls['forge']}/shop/config",
        "prod": urls["app-prod"],
    }
    say("\n" + "\n".join(table([[f"  {name}", url] for name, url in pages.items()])))
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        ports = dict.fromkeys(urlsplit(url).port for url in pages.values())
        tunnels = " ".join(f"-L {port}:127.0.0.1:{port}" for port in ports)
        say(f"\n  from another machine: ssh {tunnels} THIS-MACHINE")


def _stay(world: Any) -> None:
    say(f"\nStill running: {world.server.url}  (Ctrl-C stops everything)")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("stopping everything")
