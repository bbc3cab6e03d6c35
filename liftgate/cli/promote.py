"""Bring a release to an environment: starts a run, and with --wait follows it to its end."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import asking
from liftgate.cli.answer import Answer

KEYS: Final = asking.KEYS
LATEST: Final = "latest verified"


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("application", metavar="APPLICATION", help="whose values")
    parser.add_argument("--to", metavar="ENVIRONMENT", required=True, help="where they go")
    parser.add_argument("--release", default=LATEST, help="a version or a release's id (the newest verified upstream)")
    asking.add_asking(parser)


def run(given: Any) -> Answer:
    asking.check_names(given, given.to)
    what = "" if given.release == LATEST else f" {given.release.removeprefix('sha256:')[:19]}"
    title = f"{given.application}{what} → {given.to}"
    return asking.start("promote", given, given.to, {"to": given.to, "release": given.release}, title)
