"""Set and remove values in one environment: start a run, and with --wait follow it to its end."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import asking
from liftgate.cli.answer import Answer, Usage
from liftgate.cli.words import add_changes

KEYS: Final = asking.KEYS


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("application", metavar="APPLICATION", help="application whose values change")
    parser.add_argument("--in", dest="environment", metavar="ENVIRONMENT", required=True, help="environment to change")
    add_changes(parser)
    asking.add_asking(parser)


def run(given: Any) -> Answer:
    if not given.set and not given.unset:
        raise Usage("nothing to change: give --set POINTER=JSON or --unset POINTER")
    asking.check_names(given, given.environment)
    place = {"environment": given.environment, "changes": dict(given.set), "remove": given.unset}
    place |= {"file": given.file} if given.file else {}
    title = f"{given.application} update → {given.environment}"
    return asking.start("update", given, given.environment, place, title)
