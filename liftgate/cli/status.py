"""The board: what stands where, whether it is verified, what is under way, and who is waited for.

From a clone, and from Prefect when that can be reached; what could not be reached is said.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import Any, Final

from liftgate.cli.answer import Answer, paint, table
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain import board, ledger
from liftgate.domain.board import Cell, Going
from liftgate.errors import LiftgateError
from liftgate.integrations.git.place import there
from liftgate.integrations.git.tree import Tree

KEYS: Final = {
    "board": "list of {application, environment, version, state, sentence, going}; state is verified, not verified, "
    "rolled back, failed or nothing; going is a list of {promotion, title, activity, sentence, since}",
    "unreachable": "list of sentences: what could not be asked",
}
_COLOURS: Final = {"verified": "green", "failed": "red", "rolled back": "yellow"}


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)


def run(given: Any) -> Answer:
    clone = Clone(given.repo)
    entries, tree = clone.entries(), clone.tree
    silent = [] if clone.ledger else ["no ledger in this clone; after the first promotion: git fetch"]
    try:
        going = list(under_way(tree))
    except LiftgateError as error:
        going, silent = [], [*silent, f"what is under way is not known: {error}"]
    cells = [
        (name, board.cell(there(tree, name, place), ledger.of(entries, name, place), going))
        for name in tree.applications
        for place in tree.configuration.order
    ]
    data = {"board": [_data(name, cell) for name, cell in cells], "unreachable": silent}
    return Answer("\n".join([*_lines(cells), *(paint(line, "yellow") for line in silent)]), data)


def under_way(tree: Tree) -> Iterator[Going]:
    """Runs that are not over, newest first. Raises Unavailable, Misconfigured."""
    from liftgate.cli import server
    from liftgate.gatehouse import question
    from liftgate.wiring import Integrations

    prefect, at = server.registry(), Integrations(server.settings())
    live = ("PENDING", "RUNNING", "PAUSED", "CANCELLING")
    for found in prefect.find(flows=("promote", "update", "rollback"), states=live):
        waits = bool(question.gate_of(found))
        yield Going(
            promotion=found.id,
            title=found.name,
            application=str(found.parameters.get("application", "")),
            environment=question.environment_of(found),
            activity="waiting" if waits else "running",
            sentence=question.read(at, tree, found).decision.reason if waits else "is running",
            since=found.since,
        )


def _data(application: str, cell: Cell) -> dict[str, Any]:
    going = [each.model_dump(mode="json", exclude={"application", "environment"}) for each in cell.going]
    return {
        "application": application,
        "environment": cell.environment,
        "version": cell.version,
        "state": cell.state,
        "sentence": cell.sentence,
        "going": going,
    }


def _lines(cells: Sequence[tuple[str, Cell]]) -> list[str]:
    head = ("application", "environment", "version", "state", "")
    lines = table([head, *((name, c.environment, c.version or "-", c.state, c.sentence) for name, c in cells)])
    told = [lines[0]]
    for line, (_, cell) in zip(lines[1:], cells, strict=True):
        told.append(paint(line, _COLOURS.get(cell.state, "dim")))
        told += [paint(f"  {each.title}: {each.sentence}", "bold") for each in cell.going]
    return told
