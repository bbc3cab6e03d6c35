"""Reviews of a promotion's pull request as votes: read from the forge itself, counted by the same rules."""

from __future__ import annotations

import re
from typing import Protocol

from liftgate.domain.approval import review as rules
from liftgate.domain.approval.vote import has_voted
from liftgate.domain.common.plain import one_line
from liftgate.domain.config import people
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import PROPOSALS, proposal_branch
from liftgate.domain.secrets.masking import masked
from liftgate.errors import Refused
from liftgate.integrations.runs.run import Run
from liftgate.services import planned
from liftgate.services.notes import Notes
from liftgate.services.planning import applied
from liftgate.services.record_vote import Answer, record_vote
from liftgate.services.record_vote import Ports as DecidePorts
from liftgate.services.waiting_runs import gate_of


class Ports(DecidePorts, Protocol):
    """What these use cases need."""


_BRANCH = re.compile(PROPOSALS + r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def promotion_of(branch: str) -> str:
    """The promotion whose pull request has this branch; empty for any other branch."""
    found = _BRANCH.fullmatch(branch)
    return found[1] if found else ""


def take(at: Ports, run: Run, *, within: float = 0.0) -> list[Answer]:
    """Turn each valid review into its reviewer's vote on the gate the run waits at; returns the answers.

    The forge's answer may be `within` seconds old: then one call of the forge does for all runs that wait.
    Raises Unavailable, Misconfigured. It is safe to repeat: a review is taken once at a gate. A person who is
    asked again there, because the rendered change differs, decides on the page or in the chat.
    """
    gate, forge = gate_of(run), at.forge
    if not gate or not forge.has_pull_requests:
        return []
    seen = forge.reviewed(proposal_branch(run.id), at.git.branch, within=within)
    if seen is None or seen.pull.state != "open":
        return []
    pull = seen.pull
    given = rules.counted(seen.reviews, head=pull.head, author=pull.author)
    notes = Notes(at.runs, run.id)
    voted = notes.voted(gate) if given else frozenset()
    new = [(who, each) for each in given if (who := _who(at, each)) and not has_voted(voted, gate, who)]
    if not new:
        return []
    plan = planned.plan_at_gate(at, at.tree(at.git.fetch()), run, gate).plan
    if plan is None or not is_the_plan(at, plan, pull.head):
        return []
    shown = notes.shown(plan.hash).page
    return [_vote(at, run, plan.hash, shown, *each) for each in new]


def is_the_plan(at: Ports, plan: Plan, head: str) -> bool:
    """Whether the commit is exactly this plan on top of the branch: another person may have pushed to it."""
    below = at.git.resolve(f"{head}^1")
    if not below or not at.git.is_ancestor(below, at.git.head):
        return False
    try:
        wanted = applied(at.git, below, plan)
    except Refused:
        return False
    return at.git.object_id(head, "") == at.git.tree_id_with(below, wanted)


def _who(at: Ports, given: rules.Review) -> str:
    """Empty when `people` has no person with that login."""
    who = people.by_login(at.latest.configuration, given.login, at.forge.login)
    return who.name if who.known else ""


def _vote(at: Ports, run: Run, plan: str, shown: str, person: str, given: rules.Review) -> Answer:
    return record_vote(
        at,
        promotion_id=run.id,
        plan=plan,
        shown=shown,
        person=person,
        decision=rules.DECISIONS[given.state],
        reason=masked(one_line(given.text))[:500],
        through="forge",
    )
