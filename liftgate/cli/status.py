"""The board: what stands where, whether it is verified, what is under way, and who is waited for.

From a clone, and from Prefect and Argo CD when they can be reached; what could not be reached is said.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any, Final

from liftgate.cli.answer import Answer, paint, table
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain import board, drift_words, ledger
from liftgate.domain.board import Cell, Going
from liftgate.domain.waves import names
from liftgate.errors import LiftgateError, Misconfigured
from liftgate.integrations.git import stops
from liftgate.integrations.git.tree import Tree
from liftgate.services.candidates import there

KEYS: Final = {
    "board": "list of {application, environment, version, state, sentence, going, drift}; state is verified, "
    "not verified, rolled back, failed or nothing; going is a list of {promotion, title, activity, sentence, since}; "
    "drift says how the cluster is not as Git has it",
    "stops": "list of {environment, reason, by, since}: where the line is stopped, as the clone last fetched",
    "unreachable": "list of sentences: what could not be asked, or not be read",
}
_CLOSER: Final = 20
"""Applications that are looked at closely."""
_UNSEEN: Final = "out of sync; not looked at closely"
_COLOURS: Final = {"verified": "green", "failed": "red", "rolled back": "yellow"}


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)


def run(given: Any) -> Answer:
    clone = Clone(given.repo)
    entries, tree = clone.entries(), clone.tree
    silent = [] if clone.ledger else ["no ledger in this clone; after the first promotion: git fetch"]
    try:
        going, left_out = under_way(tree)
    except LiftgateError as error:
        going, left_out = [], (f"what is under way is not known: {error}",)
    silent += [*clone.unread(), *left_out]
    try:
        drift = drifting(tree)
    except LiftgateError as error:
        drift, silent = {}, [*silent, f"drift was not looked for: {error}"]
    cells = [
        (
            name,
            board.cell(there(tree, name, place), ledger.of(entries, name, place), going, drift.get((name, place), "")),
        )
        for name in tree.applications
        for place in tree.configuration.order
    ]
    stopped = stops.read(clone.repository, stops.REMOTES)
    data = {
        "board": [_data(name, cell) for name, cell in cells],
        "stops": [stop.model_dump(mode="json") for stop in stopped],
        "unreachable": silent,
    }
    notices = [*(paint(stop.sentence, "red") for stop in stopped), *(paint(line, "yellow") for line in silent)]
    return Answer("\n".join([*_lines(cells), *notices]), data)


def under_way(tree: Tree) -> tuple[list[Going], tuple[str, ...]]:
    """Runs that are not over, newest first, and what is wrong with some. What waits is judged by the branch as it is
    now, not by the clone, which is `tree`. Raises Unavailable, Misconfigured.
    """
    from liftgate.cli import server
    from liftgate.services import board as view
    from liftgate.services.approvals import gate_of
    from liftgate.wiring import Integrations

    at = Integrations(server.settings())
    at.runs = server.registry()
    listed = view.under_way(at)
    now = server.fetched() if any(map(gate_of, listed.runs)) else tree
    return view.going(at, now, listed), listed.notices


def drifting(tree: Tree) -> dict[tuple[str, str], str]:
    """How the cluster is not as Git has it now, by application and environment. Raises Unavailable, Misconfigured."""
    from liftgate.cli import server
    from liftgate.domain.drift import is_suspect
    from liftgate.integrations.deployer.drift import look, named
    from liftgate.wiring import Integrations

    overview = Integrations(server.settings()).overview
    if overview is None:
        raise Misconfigured("no Argo CD: set LIFTGATE_ARGOCD__URL and LIFTGATE_ARGOCD__TOKEN")
    places = {
        one: (name, place)
        for name in tree.applications
        for place in tree.configuration.order
        for one in names(tree.argocd(name, place))
    }
    suspects = [name for seen in overview.all() if is_suspect(seen) and (name := named(seen, places))]
    said: dict[tuple[str, str], list[str]] = {}
    for number, name in enumerate(suspects):
        found = look(overview, name) if number < _CLOSER else None
        said.setdefault(places[name], []).append(drift_words.seen(found[1]) if found else _UNSEEN)
    return {place: "; ".join(filter(None, sentences)) for place, sentences in said.items()}


def _data(application: str, cell: Cell) -> dict[str, Any]:
    going = [each.model_dump(mode="json", exclude={"application", "environment"}) for each in cell.going]
    return {
        "application": application,
        "environment": cell.environment,
        "version": cell.version,
        "state": cell.state,
        "sentence": cell.sentence,
        "going": going,
        "drift": cell.drift,
    }


def _lines(cells: Sequence[tuple[str, Cell]]) -> list[str]:
    head = ("application", "environment", "version", "state", "")
    lines = table([head, *((name, c.environment, c.version or "-", c.state, c.sentence) for name, c in cells)])
    told = [lines[0]]
    for line, (_, cell) in zip(lines[1:], cells, strict=True):
        told.append(paint(line, _COLOURS.get(cell.state, "dim")))
        told += [paint(f"  drift: {cell.drift}", "yellow")] if cell.drift else []
        told += [line for each in cell.going for line in _of(each)]
    return told


def _of(going: Going) -> list[str]:
    """What it waits for, and the way to decide."""
    decide = [f"    to decide: liftgate approve {going.promotion}"] if going.activity == "waiting" else []
    return [paint(f"  {going.title}: {going.sentence}", "bold"), *decide]
