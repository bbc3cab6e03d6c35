"""Promote a release to an environment: start a run, and with --wait follow it to its end."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import asking
from liftgate.cli.answer import Answer
from liftgate.cli.words import ALLOW_DOWNGRADE
from liftgate.domain.promotion.run_request import LATEST

KEYS: Final = asking.KEYS


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("application", metavar="APPLICATION", help="application whose values change")
    parser.add_argument("--to", metavar="ENVIRONMENT", required=True, help="target environment")
    parser.add_argument("--release", default=LATEST, help="a version or a release id (the newest verified upstream)")
    parser.add_argument("--allow-downgrade", action="store_true", help=ALLOW_DOWNGRADE)
    asking.add_asking(parser)


def run(given: Any) -> Answer:
    asking.check_names(given, given.to)
    what = "" if given.release == LATEST else f" {given.release.removeprefix('sha256:')[:19]}"
    title = f"{given.application}{what} → {given.to}"
    wanted = {"to": given.to, "release": given.release}
    wanted |= {"allow_downgrade": True} if given.allow_downgrade else {}
    return asking.start("promote", given, given.to, wanted, title)
