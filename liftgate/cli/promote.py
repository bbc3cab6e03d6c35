"""Promote a release to an environment: start a run, and with --wait follow it to its end."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import asking
from liftgate.cli.answer import Answer
from liftgate.domain.promotion.run_request import LATEST

KEYS: Final = asking.KEYS


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("application", metavar="APPLICATION", help="application whose values change")
    parser.add_argument("--to", metavar="ENVIRONMENT", required=True, help="target environment")
    parser.add_argument("--release", default=LATEST, help="a version or a release id (the newest verified upstream)")
    asking.add_asking(parser)


def run(given: Any) -> Answer:
    asking.check_names(given, given.to)
    what = "" if given.release == LATEST else f" {given.release.removeprefix('sha256:')[:19]}"
    title = f"{given.application}{what} → {given.to}"
    return asking.start("promote", given, given.to, {"to": given.to, "release": given.release}, title)
