"""What the board and the history show, read from Prefect, the mirror and the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from liftgate.domain import board as boards
from liftgate.domain import ledger
from liftgate.domain.board import Board, Going
from liftgate.domain.drift_record import Drifting
from liftgate.domain.ledger import Entry
from liftgate.domain.message import RESTORES, is_rollback
from liftgate.errors import LiftgateError
from liftgate.integrations.git import stops
from liftgate.integrations.git.history import Change, promotion_commits
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.run import Listed, Run
from liftgate.services import approvals as questions
from liftgate.services.candidates import there
from liftgate.services.ports import HasDriftRecords


class Ports(questions.Ports, HasDriftRecords, Protocol):
    """What these use cases need."""


LIVE = ("PENDING", "RUNNING", "PAUSED", "CRASHED", "CANCELLING")
FLOWS = ("promote", "update", "rollback")
_STRAYS = 200
"""How many of the newest promotions are asked whether their run is still known."""


def board(at: Ports, drift: Drifting) -> Board:
    """Raises Unavailable or Misconfigured when Prefect or the repository cannot be read."""
    tree, entries = at.latest, at.entries()
    environments = tree.configuration.order
    listed = under_way(at)
    underway = going(at, tree, listed)
    mine = ledger.by_place(entries)
    lines = [
        boards.Line(
            application=name,
            cells=tuple(
                boards.cell(
                    there(tree, name, environment),
                    mine[name, environment],
                    underway,
                    drift.sentence(name, environment),
                )
                for environment in environments
            ),
        )
        for name in tree.applications
    ]
    stopped = [stop.sentence for stop in stops.read(at.git)]
    trouble = filter(None, [drift.notice, *listed.notices, *at.unread()])
    notices = [*stopped, *_strays(at, underway, entries), *trouble]
    return boards.board(environments, lines, underway, entries, notices)


def under_way(at: Ports) -> Listed:
    """The runs that are not over."""
    since = at.clock.now() - timedelta(seconds=at.limits.gate) - timedelta(days=1)
    return at.runs.find(flows=FLOWS, states=LIVE, since=since)


def going(at: Ports, tree: Tree, listed: Listed) -> list[Going]:
    """What each of the runs does now; a rollback within another run is part of that one."""
    return [_going(at, tree, run) for run in listed.runs if run.deployment]


def _going(at: Ports, tree: Tree, run: Run) -> Going:
    activity, sentence = activity_of(at, tree, run)
    return Going(
        promotion=run.id,
        title=run.name,
        application=str(run.parameters.get("application", "")),
        environment=questions.environment_of(run),
        activity=activity,
        sentence=sentence,
        since=run.since,
    )


def activity_of(at: Ports, tree: Tree, run: Run) -> tuple[boards.Activity, str]:
    if not questions.gate_of(run):
        stopped = run.state == "CRASHED"
        return ("stopped", "its process died; it is started again") if stopped else ("running", "is running")
    try:
        return "waiting", questions.read(at, tree, run).decision.reason
    except LiftgateError as error:
        return "waiting", str(error)


def _strays(at: Ports, underway: list[Going], entries: list[Entry]) -> list[str]:
    newest = promotion_commits(at.git, at.git.ref, limit=_STRAYS)
    committed = {change.promotion: change for change in newest if _can_be_lost(change)}
    ids = boards.strays(committed, entries, (g.promotion for g in underway))
    lost = [each for each in ids if at.runs.read(each) is None]
    return [
        f"commit {committed[each].sha[:12]} of promotion {each} has no outcome, and Prefect knows no run of it: "
        f"record one by {_way_out(committed[each])}"
        for each in lost
    ]


def _can_be_lost(change: Change) -> bool:
    """The rollback of one promotion has an id that no run has; going back to one has its run's."""
    return bool(change.trailer(RESTORES)) or not is_rollback(change.trailers)


def _way_out(change: Change) -> str:
    to = change.trailer(RESTORES)
    return f"going back there again (liftgate rollback --to {to})" if to else "rolling it back (liftgate rollback)"
