"""Promotions of one application that wait for the same environment: a newer one supersedes an older one, or they queue.

Each run decides about itself, from what all of them can read. What Prefect says of other runs can end or delay a
promotion, and never lets one through: the plan, which is made from Git, refuses a downgrade.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final, Protocol

from liftgate.domain.approval.policy import Policy
from liftgate.domain.approval.turn import Candidate, Turn, turn_of, turns_of
from liftgate.domain.approval.vote import gate_name
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.promotion.attempt import GatedChange, Promotion
from liftgate.domain.promotion.run_request import as_stored
from liftgate.errors import Refused
from liftgate.integrations.runs.run import Run
from liftgate.services.age import is_older
from liftgate.services.notes import Notes
from liftgate.services.ports import HasBranch, HasRuns
from liftgate.services.waiting_runs import gate_of


class Ports(HasBranch, HasRuns, Protocol):
    """What these use cases need."""


FLOW: Final = "promote"
ALIVE: Final = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED")
"""States of runs that are not over. A crashed run counts again once it was restarted."""
LISTED: Final = 5000
"""Runs of all applications that are looked at."""


def turn_of_change(at: Ports, change: GatedChange, policy: Policy) -> Turn:
    """For the run itself. An update brings no release, so it is neither older nor newer."""
    if not isinstance(change, Promotion):
        return Turn()
    mine = _of_promotion(change)
    line = _line(at, _alive(at, change.application, change.environment), mine)
    return turn_of(mine, line, policy.waiting, partial(is_older, at.git))


def turn_of_run(at: Ports, run: Run, plan: Plan, policy: Policy) -> Turn:
    """The same for the Liftgate server, which has the plan of the waiting run."""
    if plan.kind != "promote":
        return Turn()
    mine = _of_run(at, run, plan)
    line = _line(at, _alive(at, plan.application, plan.environment), mine)
    return turn_of(mine, line, policy.waiting, partial(is_older, at.git))


def check_turn(at: Ports, change: GatedChange, policy: Policy) -> None:
    """Raises Refused where people decide, and the same or a newer release waits for them already."""
    if policy.approvals and policy.approvals.needed and (turn := turn_of_change(at, change, policy)).state == "refused":
        raise Refused(turn.reason)


def end_overtaken(at: Ports, change: GatedChange, policy: Policy) -> None:
    """Wake the runs at the same gate that end because of this one: each of them sees it there and ends itself.

    Recovery wakes those that are not woken here.
    """
    if isinstance(change, Promotion):
        runs = _alive(at, change.application, change.environment)
        for run, turn in overtaken(at, runs, policy, _of_promotion(change)):
            wake_to_end(at, run, turn)


def lines(runs: Iterable[Run]) -> dict[tuple[str, str], list[Run]]:
    """By application and environment the promotions that are not over, where there are several."""
    found: defaultdict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in runs:
        if run.flow == FLOW and run.state in ALIVE:
            found[_place(run)].append(run)
    return {place: line for place, line in found.items() if len(line) > 1}


def wake_to_end(at: Ports, run: Run, turn: Turn) -> bool:
    """False when it is not suspended, or cannot be woken so."""
    return at.runs.resume(run.id, {"approved": False, "reason": turn.reason})


def overtaken(
    at: Ports, runs: Iterable[Run], policy: Policy, mine: Candidate | None = None
) -> Iterator[tuple[Run, Turn]]:
    """Of one application's runs those that wait at a gate, although another one there ends them. Reads the notes of
    each."""
    listed = list(runs)
    line = _line(at, listed, mine)
    found = turns_of(line, policy.waiting, partial(is_older, at.git)) if line else {}
    for run in listed:
        turn = found.get(run.id)
        is_mine = mine is not None and run.id == mine.promotion
        if gate_of(run) and turn and turn.ends and not is_mine:
            yield run, turn


def busy(at: HasRuns, environment: str) -> set[str]:
    """The applications that have a promotion there that is not over, as far as Prefect says."""
    places = map(_place, at.runs.find(flows=(FLOW,), states=ALIVE).runs)
    return {application for application, place in places if place == environment}


def _alive(at: Ports, application: str, environment: str) -> list[Run]:
    """The promotions that are not over."""
    found = at.runs.find(flows=(FLOW,), states=ALIVE, limit=LISTED).runs
    return [run for run in found if _place(run) == (application, environment)]


def _place(run: Run) -> tuple[str, str]:
    asked = as_stored(run.flow, run.parameters)
    return asked.application, asked.environment


def _line(at: Ports, runs: Iterable[Run], mine: Candidate | None) -> list[Candidate]:
    """Those that came to a gate, and this one."""
    others = (run for run in runs if mine is None or run.id != mine.promotion)
    found = (_of_run(at, run, plan) for run in others if (plan := _plan_of(at, run)))
    return [*found, *([mine] if mine else [])]


def _plan_of(at: Ports, run: Run) -> Plan | None:
    """The plan of the gate where it waits, or of the last one it came to; None if it came to none."""
    plans = Notes(at.runs, run.id).plans()
    gate = gate_of(run)
    here = (plan for plan in plans if gate_name(plan.hash) == gate)
    return next(here, plans[-1] if plans else None)


def _of_run(at: Ports, run: Run, plan: Plan) -> Candidate:
    return Candidate(
        promotion=run.id,
        release=plan.release_id,
        version=plan.version,
        source=at.git.resolve(plan.source) if plan.source else "",
        paths=plan.source_paths,
        requested_at=run.created,
        allow_downgrade=as_stored(run.flow, run.parameters).allow_downgrade,
    )


def _of_promotion(promotion: Promotion) -> Candidate:
    return Candidate(
        promotion=promotion.id,
        release=promotion.release.id,
        version=promotion.release.version,
        source=promotion.release.source,
        paths=promotion.release.paths,
        requested_at=promotion.requested_at,
        allow_downgrade=promotion.allow_downgrade,
    )
