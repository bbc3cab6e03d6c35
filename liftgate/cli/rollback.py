"""Take a promotion back: starts a run, and with --wait follows it to its end."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import asking
from liftgate.cli.answer import Answer

KEYS: Final = asking.KEYS


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("application", metavar="APPLICATION", help="whose values")
    parser.add_argument("--in", dest="environment", metavar="ENVIRONMENT", required=True, help="where")
    parser.add_argument("--promotion", metavar="ID", default="", help="which one (the newest there)")
    asking.add_asking(parser)


def run(given: Any) -> Answer:
    asking.check_names(given, given.environment)
    place = {"environment": given.environment, "promotion": given.promotion}
    title = f"{given.application} ↩ in {given.environment}"
    return asking.start("rollback", given, given.environment, place, title)
