"""The plan that people see and vote on: made again from Git by the worker's own code.

A plan that Prefect stores is believed only when the worker signed its whole digest.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import takewhile
from typing import Final, Protocol

from liftgate.domain.approval.vote import gate_name
from liftgate.domain.common.value import Value
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.promotion.message import PLAN
from liftgate.domain.promotion.run_request import RunRequest, as_stored
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change
from liftgate.integrations.ledger import git_branch
from liftgate.integrations.runs.run import Run
from liftgate.services import planning
from liftgate.services.choose_release import Kept, choose_release
from liftgate.services.kept_release import kept_releases
from liftgate.services.merge_base import entries_for, promoted_release
from liftgate.services.notes import NotedPlans, Notes
from liftgate.services.ports import HasBranch, HasClock, HasRuns


class Ports(HasBranch, HasRuns, HasClock, Protocol):
    """What these use cases need."""


_CHANGED: Final = (
    "what was planned is not what Git says now: the values, the rules or the checks have changed; Liftgate plans it "
    "again and asks again"
)
_FORGED: Final = (
    "the plan that Prefect keeps is not the one that Git gives, so it is not shown, and no decision is taken on it; "
    "cancel this run and start a new one"
)
_UNKNOWN: Final = "the plan of this promotion cannot be made again from Git, so it is not shown"


class Planned(Value):
    plan: Plan | None = None
    trouble: str = ""
    """Why no plan is shown and no decision is possible."""
    is_outdated: bool = False
    """Whether the run should plan again: Git gives another plan now."""


def plan_at_gate(at: Ports, tree: ConfigSnapshot, run: Run, gate: str) -> Planned:
    """The plan that waits at the gate, made at the tree's commit. Raises Unavailable."""
    noted = Notes(at.runs, run.id).noted_plans()
    try:
        plan = _from_git(at, tree, run, noted)
    except (Refused, Misconfigured) as error:
        trouble = f"the plan cannot be made from Git now, so nothing is shown and no decision is taken: {error}"
        return Planned(trouble=trouble)
    if gate_name(plan.hash) != gate:
        return Planned(trouble=_CHANGED, is_outdated=True)
    if noted.contradict(plan):
        return Planned(trouble=_FORGED)
    return Planned(plan=plan)


def plan_committed(at: Ports, run: Run, commit: Change) -> Planned:
    """The plan of a promotion's commit: made again at its parent, and compared with the digest that the worker
    signed."""
    try:
        tree, asked = at.tree(at.git.resolve(commit.planned_on)), as_stored(run.flow, run.parameters)
        if asked.changes is not None:
            plan = planning.update(tree, asked.application, asked.environment, asked.changes, asked.remove, asked.file)
        else:
            plan = _promoted(at, tree, asked, commit)
    except LiftgateError:
        return Planned(trouble=_UNKNOWN)
    return Planned(plan=plan) if plan.hash == commit.trailer(PLAN) else Planned(trouble=_UNKNOWN)


def _promoted(at: Ports, tree: ConfigSnapshot, asked: RunRequest, commit: Change) -> Plan:
    """The plan of a promotion, from what the ledger had before its outcome. Raises Refused."""
    name, environment = asked.application, asked.environment
    before = takewhile(lambda entry: entry.promotion != commit.promotion, entries_for(at, tree, name, environment))
    entries = list(before)
    release = promoted_release(tree, entries, name, commit)
    day, allowed = commit.when.date(), asked.allow_downgrade
    return planning.promote(tree, release, environment, day, entries, allow_downgrade=allowed)


def plan_recorded(at: Ports, entry: Entry) -> Planned:
    """The plan of a promotion that ended without a commit: the stored one, if the ledger's entry has its digest."""
    found = next((plan for plan in Notes(at.runs, entry.promotion).plans() if plan.hash == entry.plan), None)
    return Planned(plan=found, trouble=_UNKNOWN if entry.plan and found is None else "")


def plan_under_way(at: Ports, tree: ConfigSnapshot, run: Run) -> Planned:
    """The plan that a running run would make now."""
    try:
        return Planned(plan=_from_git(at, tree, run, Notes(at.runs, run.id).noted_plans()))
    except LiftgateError as error:
        return Planned(trouble=str(error))


def _from_git(at: Ports, tree: ConfigSnapshot, run: Run, noted: NotedPlans) -> Plan:
    state = at.git.resolve(git_branch.REF), at.clock.now().date()
    asked = as_stored(run.flow, run.parameters)
    kept = kept_releases(tree, asked, Notes(at.runs, run.id), noted)
    return _made(at, tree, asked.model_dump_json(), kept, *state)


@lru_cache(maxsize=2048)
def _made(at: Ports, tree: ConfigSnapshot, request: str, kept: tuple[Kept, ...], _ledger: str, today: date) -> Plan:
    """Once for each request and each state of the repository; the cache forgets the least used."""
    wanted = RunRequest.model_validate_json(request)
    name, environment = wanted.application, tree.environment(wanted.environment)
    if wanted.changes is not None:
        return planning.update(tree, name, environment, wanted.changes, wanted.remove, wanted.file)
    release = choose_release(tree, at.entries(name), name, environment, wanted.release, kept)
    entries = entries_for(at, tree, name, environment)
    return planning.promote(tree, release, environment, today, entries, allow_downgrade=wanted.allow_downgrade)
