"""The one way a person's decision enters: proven, signed, stored; and the run is woken when it is enough."""

from __future__ import annotations

from typing import Protocol

from liftgate.domain import gate as rules
from liftgate.domain import signature, vote
from liftgate.domain.value import Value
from liftgate.domain.vote import Vote
from liftgate.integrations.git.tree import Tree
from liftgate.services import approvals as questions
from liftgate.services.approvals import Question
from liftgate.services.notes import Notes
from liftgate.services.ports import CanAttest


class Ports(questions.Ports, CanAttest, Protocol):
    """What these use cases need."""


_DONE = {"approve": "approved", "refuse": "refused"}
_UNCOUNTED = (
    "your decision does not count: this gatehouse's key is not in .liftgate/allowed_signers for votes, or somebody "
    "wrote something else into Prefect under your name; ask an operator"
)

_CHANGED = "the plan has changed since it was shown to you; look at the new one and decide again"


class Answer(Value):
    """What the person is told, and whether the decision was taken down."""

    sentence: str
    accepted: bool


def decide(  # noqa: PLR0913  a decision has this many sides
    at: Ports,
    *,
    promotion_id: str,
    plan: str,
    person: str,
    decision: vote.Decision,
    reason: str = "",
    through: vote.Through,
) -> Answer:
    """`person` is a proven name, `plan` the whole digest of the one that person was shown.

    The vote is stored before the run is woken; what dies in between is made good by the sweep. Raises Unavailable,
    Misconfigured.
    """
    at.git.fetch()
    tree = at.tree(at.git.head)
    run = at.runs.read(promotion_id)
    if run is None:
        return Answer(sentence=f"there is no promotion {promotion_id}", accepted=False)
    if problem := questions.closed(run) or _stranger(tree, person):
        return Answer(sentence=problem, accepted=False)
    question = questions.read(at, tree, run, within=0)
    verdict = rules.may_vote(person, question.requester, question.approvals)
    if problem := verdict.reason if verdict.failed else _other(question, plan):
        return Answer(sentence=problem, accepted=False)
    cast = Vote(
        run=run.id, plan=plan, person=person, decision=decision, reason=reason, at=at.clock.now(), through=through
    )
    signed = signature.sign(vote.signable(cast), at.gatehouse_key, signature.VOTES)
    is_new = Notes(at.runs, run.id).keep_vote(cast, signed)
    question = questions.read(at, tree, run)
    wake(at, question)
    return _answer(question, cast, is_new=is_new)


def wake(at: Ports, question: Question) -> bool:
    """Let the run go on when the votes decide; it counts them again itself. Many may try: Prefect accepts one."""
    decision = question.decision
    if decision.waits:
        return False
    return at.runs.resume(question.run.id, {"approved": decision.opens, "reason": decision.reason})


def _other(question: Question, plan: str) -> str:
    """Why what this person was shown is not what can be decided on."""
    if question.trouble:
        return question.trouble
    return "" if plan == question.plan else _CHANGED


def _stranger(tree: Tree, person: str) -> str:
    people = tree.configuration.people
    if people and person not in people:
        return f"{person} is nobody in people of liftgate.json, so may not decide"
    return ""


def _answer(question: Question, cast: Vote, *, is_new: bool) -> Answer:
    stored = next((each for each in question.votes if each.person == cast.person), None)
    if stored is None:
        return Answer(sentence=_UNCOUNTED, accepted=False)
    then = "; it goes on" if not question.decision.waits else f"; it {question.decision.reason}"
    if not is_new:
        return Answer(sentence=f"you have already {_DONE[stored.decision]} this{then}", accepted=False)
    return Answer(sentence=f"you {_DONE[stored.decision]} {question.run.name}{then}", accepted=True)
