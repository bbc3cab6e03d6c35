"""Everything on this machine, from nothing, with a story: no cluster, account or network is needed.

Starts sandbox servers that speak the real protocols, a Prefect server, a worker and the gatehouse; ends all of them.
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
from liftgate.runtime import prefect_secret
from liftgate.runtime.signals import end_at_interrupt

KEYS: Final = {
    "ok": "whether every expectation held",
    "broken": "the expectations that did not hold",
    "seconds": "how long it all took",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="a second sandbox person presses the buttons")
    parser.add_argument("--exit", action="store_true", help="stop everything at the end, instead of staying up")
    parser.add_argument("--folder", metavar="DIR", default="", help="where its files go (made anew each time)")


def run(given: Any) -> Answer:
    """Code 1 when an expectation did not hold."""
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
            say(paint("\n3. What happened, from Git and the ledger alone", "bold"))
            for rows in (happened(world.at.entries(APPLICATION)), metrics(world)):
                say("\n" + "\n".join(table(rows)))
        except LiftgateError as error:  # the person may still need the world: it ends with the story only if asked to
            if given.exit:
                raise
            story.expect.check(f"the story could be told to its end: {error}", holds=False)
        broken = story.expect.broken
        for claim in broken:
            say(paint(f"did not hold: {claim}", "red"))
        took = time.monotonic() - began
        if not given.exit:
            _stay(world)
    good = paint("everything held", "green") if not broken else paint(f"{len(broken)} did not hold", "red")
    data = {"ok": not broken, "broken": broken, "seconds": round(took, 1)}
    return Answer(f"\n{good}; it took {took:.0f} s", data, FAILED if broken else 0)


def _progress(began: float) -> Callable[[str], None]:
    return lambda line: say(paint(f"  {time.monotonic() - began:5.1f} s  ", "dim") + line)


def _addresses(world: Any) -> None:
    urls = world.sandbox["urls"]
    pages = {
        "board": world.gatehouse.url,
        "Slack": urls["slack"],
        "Prefect": world.prefect.ui_url,
        "forge": f"{urls['forge']}/shop/config",
        "prod": urls["app-prod"],
    }
    say("\n" + "\n".join(table([[f"  {name}", url] for name, url in pages.items()])))
    say(f"\n  {prefect_secret.how_to_sign_in(world.folder)}")
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        ports = [urlsplit(url).port for url in pages.values()]
        tunnels = " ".join(f"-L {port}:127.0.0.1:{port}" for port in ports)
        say(f"\n  from another machine: ssh {tunnels} THIS-MACHINE")


def _stay(world: Any) -> None:
    say(f"\nStays up: {world.gatehouse.url}  (Ctrl-C ends everything)")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("ending everything")
