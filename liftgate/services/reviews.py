"""Reviews of a promotion's pull request as votes: read from the forge itself, counted by the same rules."""

from __future__ import annotations

import re
from typing import Protocol

from liftgate.domain import people
from liftgate.domain import review as rules
from liftgate.domain.plain import one_line
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import PROPOSALS, proposal_branch
from liftgate.domain.vote import vote_key
from liftgate.errors import Refused
from liftgate.integrations.runs.run import Run
from liftgate.services import approvals as questions
from liftgate.services import planned
from liftgate.services.decide import Answer, decide
from liftgate.services.decide import Ports as DecidePorts
from liftgate.services.notes import Notes
from liftgate.services.planning import applied


class Ports(DecidePorts, Protocol):
    """What these use cases need."""


_BRANCH = re.compile(PROPOSALS + r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def promotion_of(branch: str) -> str:
    """The promotion whose pull request has this branch; empty for anybody else's."""
    found = _BRANCH.fullmatch(branch)
    return found[1] if found else ""


def take(at: Ports, run: Run) -> list[Answer]:
    """Each review that counts becomes its reviewer's vote on the gate the run waits at, once; what came of each.

    Raises Unavailable, Misconfigured. Doing it again is harmless: a person's vote is stored once.
    """
    gate, forge = questions.gate_of(run), at.forge
    if not gate or not forge.has_pull_requests:
        return []
    seen = forge.reviewed(proposal_branch(run.id), at.git.branch)
    if seen is None or seen.pull.state != "open":
        return []
    pull = seen.pull
    given = rules.counted(seen.reviews, head=pull.head, author=pull.author)
    voted = Notes(at.runs, run.id).voted(gate) if given else frozenset()
    new = [(who, each) for each in given if (who := _who(at, each)) and vote_key(gate, who) not in voted]
    if not new:
        return []
    plan = planned.at_gate(at, at.tree(at.git.fetch()), run, gate).plan
    if plan is None or not is_the_plan(at, plan, pull.head):
        return []
    return [_vote(at, run, plan.hash, *each) for each in new]


def is_the_plan(at: Ports, plan: Plan, head: str) -> bool:
    """Whether the commit is this plan and nothing else, put on the branch: somebody may have pushed."""
    below = at.git.resolve(f"{head}^1")
    if not below or not at.git.is_ancestor(below, at.git.head):
        return False
    try:
        wanted = applied(at.git, below, plan)
    except Refused:
        return False
    return at.git.object_id(head, "") == at.git.tree_with(below, {plan.path: wanted})


def _who(at: Ports, given: rules.Review) -> str:
    """Empty for somebody whom `people` does not know by that login."""
    who = people.by_login(at.latest.configuration, given.login, at.forge.login)
    return who.name if who.known else ""


def _vote(at: Ports, run: Run, plan: str, person: str, given: rules.Review) -> Answer:
    return decide(
        at,
        promotion_id=run.id,
        plan=plan,
        person=person,
        decision=rules.DECISIONS[given.state],
        reason=one_line(given.text)[:500],
        through="forge",
    )
