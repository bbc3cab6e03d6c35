"""The board: what stands where, whether it is verified, what is under way, and who is waited for.

From a clone, and from Prefect when that can be reached; what could not be reached is said.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any, Final

from liftgate.cli.answer import Answer, paint, table
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain.configuration import Configuration
from liftgate.domain.overview import Cell, Underway, cell
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.git.choice import version_there

KEYS: Final = {
    "board": "list of {application, environment, version, state, said, promotion}; "
    "state is verified, bad, unknown, under way or waiting",
    "unreachable": "list of sentences: what could not be asked",
}
_COLOURS: Final = {"verified": "green", "bad": "red", "under way": "bold", "waiting": "yellow", "unknown": "dim"}


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)


def run(given: Any) -> Answer:
    clone = Clone(given.repo)
    entries, tree = clone.entries(), clone.tree
    silent = [] if clone.ledger else ["no ledger in this clone; after the first promotion: git fetch"]
    try:
        underway = under_way(tree.configuration)
    except LiftgateError as error:
        underway, silent = [], [*silent, f"what is under way is not known: {error}"]
    cells = [
        cell(name, environment, _version(clone, name, environment), entries, underway)
        for name in tree.applications
        for environment in tree.configuration.order
    ]
    data = {"board": [each.model_dump() for each in cells], "unreachable": silent}
    return Answer("\n".join([*_lines(cells), *(paint(line, "yellow") for line in silent)]), data)


def under_way(configuration: Configuration) -> list[Underway]:
    """Runs that are not over, newest first. Raises Unavailable, Misconfigured."""
    from liftgate.cli import server

    prefect = server.registry()
    runs = prefect.find(flows=("promote", "update", "rollback"), states=("PENDING", "RUNNING", "PAUSED", "CANCELLING"))
    return [
        Underway(
            promotion=run.id,
            application=str(run.parameters.get("application", "")),
            environment=str(run.parameters.get("to") or run.parameters.get("environment", "")),
            waiting=run.state == "PAUSED",
            said=f"{run.name}: {_said(run.state, configuration, run.parameters)}",
        )
        for run in runs
    ]


def _said(state: str, configuration: Configuration, parameters: dict[str, Any]) -> str:
    environment = str(parameters.get("to") or parameters.get("environment", ""))
    if state != "PAUSED" or environment not in configuration.environments:
        return state.lower()
    rule = configuration.policy_of(environment).approvals
    people = rule.people if rule else ()
    return f"waits for {' or '.join(people) or 'anybody but the requester'}"


def _version(clone: Clone, name: str, environment: str) -> str:
    """A file that cannot be read has no version anybody could tell."""
    try:
        return version_there(clone.tree, name, environment)
    except Refused:
        return "unreadable"


def _lines(cells: Sequence[Cell]) -> list[str]:
    rows = [(c.application, c.environment, c.version or "nothing", c.state, c.said) for c in cells]
    lines = table([("application", "environment", "version", "state", ""), *rows])
    return [lines[0], *(paint(line, _COLOURS[each.state]) for line, each in zip(lines[1:], cells, strict=True))]
