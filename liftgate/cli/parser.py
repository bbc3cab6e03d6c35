"""The parser: a table of the commands; each brings its own arguments from the module of its name."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from typing import Any, Final, Protocol, cast

from liftgate.cli.answer import Answer
from liftgate.domain import plain
from liftgate.domain.nearest import nearest
from liftgate.errors import Refused

COMMANDS: Final = {
    "init": "make a configuration repository, ready for Argo CD",
    "validate": "check liftgate.json and all values",
    "plan": "show what a promotion or an update would change",
    "promote": "bring a release to an environment",
    "update": "set values in one environment",
    "rollback": "take a promotion back, or go back to one",
    "approve": "open or refuse a gate",
    "stop-the-line": "stop all promotions, or let them go on",
    "status": "what runs where, and who is waited for",
    "history": "what happened",
    "report": "the success metrics",
    "verify": "check the copies of the verified values",
    "manifests": "write or check what Argo CD needs",
    "rules": "write the alerting rules for Prometheus",
    "doctor": "check the set-up and say what to mend",
    "deploy": "register the flows with Prefect",
    "up": "run the Prefect server, a worker and the gatehouse here",
    "worker": "run a worker",
    "gatehouse": "run the gatehouse",
    "demo": "everything on this machine, from nothing",
}
_FOLDERS: Final = ("repo", "folder", "keys", "out")
"""Arguments that are folders of this machine, which may be called anything."""
EXITS: Final = "exit codes: 0 done, 1 failed verdict, 2 usage, 3 refused, 4 unavailable, 5 misconfigured"


class Command(Protocol):
    """A module of liftgate.cli with the command's name."""

    KEYS: Mapping[str, str]
    """The keys of the answer's data, and what each holds."""

    def arguments(self, parser: ArgumentParser) -> None: ...

    def run(self, given: Any) -> Answer: ...


def command(name: str) -> Command:
    return cast("Command", import_module(f"liftgate.cli.{name.replace('-', '_')}"))


def parser(fill: Collection[str]) -> ArgumentParser:
    """With the arguments of the commands to fill; the others are only named, so that they need no import."""
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
            below.add_argument("--json", action="store_true", help="answer as JSON")
            module.arguments(below)
    return top


def parse(arguments: Sequence[str]) -> Any:
    """The arguments as attributes; ends the process with code 2 when they are wrong."""
    first = next((word for word in arguments if not word.startswith("-")), "")
    top = parser({first} & COMMANDS.keys())
    if first and first not in COMMANDS:
        top.error(f'there is no command "{first}"; {nearest(first, COMMANDS)}')
    given = top.parse_args(arguments)
    try:
        plain.check({name: value for name, value in vars(given).items() if name not in _FOLDERS})
    except Refused as refused:
        top.error(str(refused))
    return given
