"""The parser: a table of commands. The module of each command defines its arguments."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from typing import Any, Final, Protocol, cast

from liftgate.cli.answer import Answer
from liftgate.domain.common import plain
from liftgate.domain.common.nearest import nearest
from liftgate.errors import Refused

COMMANDS: Final = {
    "init": "create a configuration repository, ready for Argo CD",
    "adopt": "write liftgate.json for an existing repository",
    "validate": "check liftgate.json and all values",
    "check": "check what a pull request changes, before it is merged",
    "plan": "show what a promotion or an update would change",
    "promote": "promote a release to an environment",
    "update": "set values in one environment",
    "rollback": "roll back a promotion, or restore the values of an earlier one",
    "approve": "approve or reject a promotion",
    "pause": "pause promotions, or show what is paused",
    "resume": "resume paused promotions",
    "status": "show what runs where, and who must act",
    "history": "show what happened",
    "report": "show the success metrics",
    "audit": "check the copies of the verified values",
    "manifests": "write or check what Argo CD needs",
    "alert-rules": "write the alerting rules for Prometheus",
    "protect": "show, check and set the rules of the branches at the forge",
    "doctor": "check the setup and say what to fix",
    "deploy": "register the flows with Prefect",
    "up": "run the Prefect server, a worker and the Liftgate server on this machine",
    "worker": "run a worker",
    "server": "run the Liftgate server",
    "demo": "show Liftgate with an example on this machine",
}
_FOLDERS: Final = ("repo", "folder", "keys", "out")
"""Arguments that are folders of this machine; a folder can have any name."""
EXITS: Final = "exit codes: 0 done, 1 failed verdict, 2 usage, 3 refused, 4 unavailable, 5 misconfigured"


class Command(Protocol):
    """A module of liftgate.cli with the command's name."""

    KEYS: Mapping[str, str]
    """The keys of the answer's data, and the meaning of each."""

    def arguments(self, parser: ArgumentParser) -> None: ...

    def run(self, given: Any) -> Answer: ...


def command(name: str) -> Command:
    return cast("Command", import_module(f"liftgate.cli.{name.replace('-', '_')}"))


def parser(fill: Collection[str]) -> ArgumentParser:
    """With the arguments of the commands in `fill`; for the others only the name, so that they need no import."""
    top = ArgumentParser(
        prog="liftgate",
        description="Promotes JSON environment values through Git and Argo CD.",
        epilog=EXITS,
        formatter_class=RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="store_true", help="print the version")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name, text in COMMANDS.items():
        below = commands.add_parser(name, help=text, epilog=EXITS)
        if name in fill:
            module = command(name)
            below.description = (module.__doc__ or "").strip()
            below.add_argument("--json", action="store_true", help="print the answer as JSON")
            module.arguments(below)
    return top


def parse(arguments: Sequence[str]) -> Any:
    """The arguments as attributes; wrong arguments end the process with code 2."""
    first = next((word for word in arguments if not word.startswith("-")), "")
    top = parser({first} & COMMANDS.keys())
    if first and first not in COMMANDS:
        top.error(f'there is no command "{first}"; {nearest(first, COMMANDS)}')
    given = top.parse_args(arguments)
    try:
        plain.check_plain({name: value for name, value in vars(given).items() if name not in _FOLDERS})
    except Refused as refused:
        top.error(str(refused))
    return given
