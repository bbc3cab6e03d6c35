"""The plan that people are shown and vote on: made again from Git by the worker's own code.

What Prefect keeps of a plan is believed only where its whole digest is one that the worker signed.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final, Protocol

from liftgate.domain.ledger import Entry
from liftgate.domain.message import PLAN, SOURCE
from liftgate.domain.plan_value import Plan
from liftgate.domain.value import Json, Value
from liftgate.domain.vote import gate_name
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.integrations.git.history import Change
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.ledger import git_branch
from liftgate.integrations.runs.run import Run
from liftgate.services import planning
from liftgate.services.candidates import LATEST, choose
from liftgate.services.notes import Notes
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


class Wish(Value):
    """What a run was asked for, by its parameters."""

    application: str
    environment: str
    release: str
    changes: dict[str, Json] | None
    """Of an update."""

    @classmethod
    def of(cls, run: Run) -> Wish:
        given = run.parameters
        changes = given.get("changes")
        return cls(
            application=str(given.get("application", "")),
            environment=str(given.get("to") or given.get("environment") or ""),
            release=str(given.get("release") or LATEST),
            changes=(changes if isinstance(changes, dict) else {}) if run.flow == "update" else None,
        )


class Planned(Value):
    plan: Plan | None = None
    trouble: str = ""
    """Why no plan is shown, and nothing can be decided on it."""
    is_outdated: bool = False
    """Whether the run should plan again: Git gives another plan now."""


def at_gate(at: Ports, tree: Tree, run: Run, gate: str) -> Planned:
    """What the gate asks about, as the tree's commit has it. Raises Unavailable."""
    try:
        plan = _from_git(at, tree, run)
    except (Refused, Misconfigured) as error:
        trouble = f"the plan cannot be made from Git now, so nothing is shown and no decision is taken: {error}"
        return Planned(trouble=trouble)
    if gate_name(plan.hash) != gate:
        return Planned(trouble=_CHANGED, is_outdated=True)
    if Notes(at.runs, run.id).contradicts(plan):
        return Planned(trouble=_FORGED)
    return Planned(plan=plan)


def committed(at: Ports, run: Run, commit: Change) -> Planned:
    """What a promotion's commit brought: planned again where the worker did, and compared with the digest it signed."""
    on = f"{commit.parents[1]}^1" if len(commit.parents) == 2 else commit.parents[0]
    try:
        tree, wish = at.tree(at.git.resolve(on)), Wish.of(run)
        if wish.changes is not None:
            plan = planning.update(tree, wish.application, wish.environment, wish.changes)
        else:
            release = tree.release_at(wish.application, commit.trailer(SOURCE))
            plan = planning.promote(tree, release, wish.environment, commit.when.date())
    except LiftgateError:
        return Planned(trouble=_UNKNOWN)
    return Planned(plan=plan) if plan.hash == commit.trailer(PLAN) else Planned(trouble=_UNKNOWN)


def recorded(at: Ports, entry: Entry) -> Planned:
    """What a promotion was about that ended without a commit: as it was kept, if the ledger's entry has its digest."""
    found = next((plan for plan in Notes(at.runs, entry.promotion).plans() if plan.hash == entry.plan), None)
    return Planned(plan=found, trouble=_UNKNOWN if entry.plan and found is None else "")


def under_way(at: Ports, tree: Tree, run: Run) -> Planned:
    """What a run that is neither at a gate nor over would plan now."""
    try:
        return Planned(plan=_from_git(at, tree, run))
    except LiftgateError as error:
        return Planned(trouble=str(error))


def _from_git(at: Ports, tree: Tree, run: Run) -> Plan:
    state = at.git.resolve(git_branch.REF), at.clock.now().date()
    return _made(at, tree, Wish.of(run).model_dump_json(), *state)


@lru_cache(maxsize=512)
def _made(at: Ports, tree: Tree, wish: str, _ledger: str, today: date) -> Plan:
    """Once for each wish and each state of the repository; what was asked for longest ago is forgotten."""
    wanted = Wish.model_validate_json(wish)
    name, environment = wanted.application, tree.environment(wanted.environment)
    if wanted.changes is not None:
        return planning.update(tree, name, environment, wanted.changes)
    release = choose(tree, at.entries(name), name, environment, wanted.release, check=False)
    return planning.promote(tree, release, environment, today)
