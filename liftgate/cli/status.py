"""Show the board: which version is in each environment, whether it is verified, what is in progress, and who must act.

It reads a clone, Prefect and Argo CD. If it cannot reach one of them, it says so.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any, Final

from liftgate.cli.answer import Answer, paint, table
from liftgate.cli.clone import Clone, add_repo
from liftgate.cli.pause import PAUSE
from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.promotion import drift_words
from liftgate.domain.promotion.board import Cell, Going
from liftgate.errors import LiftgateError, Misconfigured
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.cells import cells_of
from liftgate.services.in_force import snapshot_for_people
from liftgate.services.values_there import applications

KEYS: Final = {
    "board": "list of {application, environment, version, state, sentence, going, drift}; state is verified, "
    "not verified, rolled back, failed or nothing; going is a list of {promotion, title, activity, sentence, since, "
    "authors}; "
    "drift says how the cluster differs from Git",
    "pauses": f"list of {PAUSE}: where promotions are paused, as the clone last fetched",
    "unreachable": "list of sentences: what could not be reached or read",
}
_CLOSER: Final = 20
"""Most Argo CD Applications that it inspects in detail."""
_UNSEEN: Final = "out of sync; not inspected in detail"
_COLOURS: Final = {"verified": "green", "failed": "red", "rolled back": "yellow"}


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)


def run(given: Any) -> Answer:
    clone = Clone(given.repo)
    tree = snapshot_for_people(clone.tree)
    silent = [tree.in_force.notice] if tree.in_force.since else []
    silent += [] if clone.ledger else ["this clone has no ledger; after the first promotion, run: git fetch"]
    try:
        going, left_out = under_way(tree)
    except LiftgateError as error:
        going, left_out = [], (f"cannot list the runs in progress: {error}",)
    silent += [*clone.unread(), *left_out]
    try:
        drift = drifting(tree)
    except LiftgateError as error:
        drift, silent = {}, [*silent, f"cannot check for drift: {error}"]
    cells = [
        (name, cell)
        for name in applications(tree)
        for cell in cells_of(tree, clone.past, name, going, lambda *place: drift.get(place, ""))
    ]
    paused = clone.pauses()
    data = {
        "board": [_data(name, cell) for name, cell in cells],
        "pauses": [pause.model_dump(mode="json") for pause in paused],
        "unreachable": silent,
    }
    notices = [*(paint(pause.sentence, "red") for pause in paused), *(paint(line, "yellow") for line in silent)]
    return Answer("\n".join([*_lines(cells), *notices]), data)


def under_way(tree: ConfigSnapshot) -> tuple[list[Going], tuple[str, ...]]:
    """Runs that are not over, newest first, then those that crashed, and problems with some. `tree` is the clone; runs
    that wait are assessed by the newest commit of the branch instead. Raises Unavailable, Misconfigured.
    """
    from liftgate.cli import connection
    from liftgate.services import board as view
    from liftgate.services.waiting_runs import gate_of
    from liftgate.wiring import Integrations

    at = Integrations(connection.settings())
    at.runs = connection.registry()
    listed = view.runs_under_way(at)
    now = connection.fetched() if any(map(gate_of, listed.runs)) else tree
    return view.going(at, now, listed), listed.notices


def drifting(tree: ConfigSnapshot) -> dict[tuple[str, str], str]:
    """How the cluster differs from Git now, by application and environment. Raises Unavailable, Misconfigured."""
    from liftgate.cli import connection
    from liftgate.domain.drift.drift import is_suspect
    from liftgate.integrations.deployer.drift import look_for_drift, named
    from liftgate.wiring import Integrations

    overview = Integrations(connection.settings()).overview
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
        found = look_for_drift(overview, name) if number < _CLOSER else None
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
    lines = table([head, *((name, c.environment, c.release_name or "-", c.state, c.sentence) for name, c in cells)])
    told = [lines[0]]
    for line, (_, cell) in zip(lines[1:], cells, strict=True):
        told.append(paint(line, _COLOURS.get(cell.state, "dim")))
        told += [paint(f"  drift: {cell.drift}", "yellow")] if cell.drift else []
        told += [line for each in cell.going for line in _of(each)]
    return told


def _of(going: Going) -> list[str]:
    """What the run waits for, and the command to decide."""
    decide = [f"    to decide: liftgate approve {going.promotion}"] if going.activity == "waiting" else []
    return [paint(f"  {going.title}: {going.sentence}", "bold"), *decide]
