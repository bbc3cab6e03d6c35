"""What the board and the history show, from Prefect, the mirror and the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Protocol

from liftgate.domain.common.words import first_of
from liftgate.domain.drift.record import Drifting
from liftgate.domain.promotion import board as boards
from liftgate.domain.promotion.board import Board, Going
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT, RESTORES, is_rollback
from liftgate.domain.promotion.run_request import as_stored
from liftgate.domain.promotion.take_over import FLOW as TAKE_OVER
from liftgate.domain.secrets.masking import masked_text
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, promotion_commits
from liftgate.integrations.ledger.past import Past, past_of
from liftgate.integrations.runs.run import Listed, Run
from liftgate.services import approvals
from liftgate.services.cells import cells_of
from liftgate.services.in_force import SnapshotInForce, snapshot_for_people
from liftgate.services.one_reading import one_reading
from liftgate.services.ports import HasDriftRecords
from liftgate.services.values_there import applications
from liftgate.services.waiting_runs import gate_of


class Ports(approvals.Ports, HasDriftRecords, Protocol):
    """What these use cases need."""


LIVE = ("PENDING", "RUNNING", "PAUSED", "CANCELLING")
FLOWS = ("promote", "update", "rollback", TAKE_OVER)
DETAILED = 50
"""The most waiting runs for which a page says who must decide: those that wait longest."""
WITHIN = 2.0
"""Seconds after which it says so of no more of them: a slow Prefect does not keep a board from being shown."""
NOTES_WITHIN = 30.0
"""Seconds that the notes of a run that waits may be old on a board: a vote that another Liftgate server took is counted
there so much later. Nothing is decided by a board."""
_MISTAKES = 3
"""Of `liftgate.json` that a board names; `liftgate validate` names all."""
_STRAYS = 200
"""For how many of the newest promotions we check that Prefect still knows the run."""


def board(at: Ports, drift: Drifting) -> Board:
    """Raises Unavailable or Misconfigured when Prefect or the repository cannot be read."""
    at = one_reading(at, notes_within=NOTES_WITHIN)
    tree = snapshot_for_people(at.latest)
    past, environments = past_of(tree.repository, tree.signers), tree.configuration.order
    listed = runs_under_way(at)
    underway = going(at, at.latest, listed)
    at_work = boards.by_application(underway)
    lines = [
        boards.Line(application=name, cells=cells_of(tree, past, name, at_work[name], drift.sentence))
        for name in applications(tree)
    ]
    paused = [pause.sentence for pause in at.pauses()]
    trouble = filter(None, [_unusable(at, tree), drift.notice, *listed.notices, *at.unread()])
    past_gates = boards.bypassed(part.summary for part in past.places.values())
    notices = [*paused, *past_gates, *_strays(at, underway, past), *trouble]
    return boards.board(environments, lines, underway, past.newest(boards.NEWEST), past.choices, notices)


def _unusable(at: Ports, tree: SnapshotInForce) -> str:
    """What is wrong with `liftgate.json`; empty while it can be used."""
    try:
        _ = at.latest.configuration
    except (Misconfigured, Refused) as error:
        mistakes = first_of(masked_text(str(error)).splitlines(), _MISTAKES)
        return f"{tree.in_force.notice}, and nothing else begins: {'; '.join(mistakes)}"
    return ""


Seen = tuple[boards.Activity, str, tuple[str, ...]]
"""What a run does, in a sentence, and the authors of what waits."""
_HELD: Final[Seen] = "waiting", "waits until liftgate.json can be used", ()
_BRIEF: Final[Seen] = "waiting", "waits at its gate; its page says for whom", ()


def runs_under_way(at: Ports) -> Listed:
    """The runs that are not over, however long a freeze or a queue holds them, and those that crashed lately."""
    lately = at.clock.now() - timedelta(seconds=at.limits.gate) - timedelta(days=1)
    crashed = at.runs.find(flows=FLOWS, states=("CRASHED",), ended=lately)
    return at.runs.find(flows=FLOWS, states=LIVE).with_more(crashed)


def going(at: Ports, tree: ConfigSnapshot, listed: Listed) -> list[Going]:
    """What each of the runs does now; a rollback within another run is part of that one."""
    at, now = one_reading(at), at.clock.monotonic
    waiting = sorted((run for run in listed.runs if gate_of(run)), key=lambda run: run.since)
    until = now() + WITHIN
    if waiting and snapshot_for_people(tree).in_force.since:
        known = {run.id: _HELD for run in waiting}
    else:
        known = {run.id: _BRIEF for run in waiting}
        known |= {run.id: _seen(at, tree, run) for run in waiting[:DETAILED] if now() < until}
    return [_going(run, known.get(run.id) or _seen(at, tree, run)) for run in listed.runs if run.deployment]


def _going(run: Run, seen: Seen) -> Going:
    asked = as_stored(run.flow, run.parameters)
    activity, sentence, authors = seen
    return Going(
        promotion=run.id,
        title=run.name,
        application=asked.application,
        environment=asked.environment,
        activity=activity,
        sentence=sentence,
        since=run.since,
        authors=authors,
    )


def activity_of(at: Ports, tree: ConfigSnapshot, run: Run) -> tuple[boards.Activity, str]:
    return _seen(at, tree, run)[:2]


def _seen(at: Ports, tree: ConfigSnapshot, run: Run) -> Seen:
    if run.state == "CRASHED":
        return "stopped", "its process died; Liftgate starts it again", ()
    if not gate_of(run):
        return "running", "is running", ()
    try:
        approval = approvals.pending_approval(at, tree, run)
    except LiftgateError as error:
        return "waiting", str(error), ()
    return "waiting", approval.decision.reason, approval.authors.names


def _strays(at: Ports, underway: list[Going], past: Past) -> list[str]:
    newest = promotion_commits(at.git, at.git.ref, limit=_STRAYS)
    committed = {change.promotion: change for change in newest if _can_be_lost(change)}
    recorded = [each for each, change in committed.items() if _has_outcome(past, change)]
    ids = boards.strays(committed, recorded, (g.promotion for g in underway))
    found = at.runs.find(flows=FLOWS, ids=ids) if ids else Listed(runs=())
    kept = {*(run.id for run in found.runs), *found.unread}
    lost = [each for each in ids if each not in kept]
    return [
        f"commit {committed[each].sha[:12]} of promotion {each} has no outcome, and Prefect has no run of it: "
        f"record an outcome by {_way_out(committed[each])}"
        for each in lost
    ]


def _has_outcome(past: Past, change: Change) -> bool:
    return past.has_outcome(change.trailer(APPLICATION), change.trailer(ENVIRONMENT), change.promotion)


def _can_be_lost(change: Change) -> bool:
    """False for the rollback of one promotion: no run has its id. A rollback to a chosen one has its run's id."""
    return bool(change.trailer(RESTORES)) or not is_rollback(change.trailers)


def _way_out(change: Change) -> str:
    to = change.trailer(RESTORES)
    return f"rolling back there again (liftgate rollback --to {to})" if to else "rolling it back (liftgate rollback)"
