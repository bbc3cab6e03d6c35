"""Gates: whether a plan may be applied now, whom a suspended run asks, and the votes so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from liftgate.domain import announcement
from liftgate.domain import gate as rules
from liftgate.domain.gate import Ballot, Decision
from liftgate.domain.plan_value import Plan
from liftgate.domain.policy import Approvals
from liftgate.domain.promotion import Promotion, Requester, proposal_branch
from liftgate.domain.review import withdrawn
from liftgate.domain.span import human
from liftgate.domain.sync_window import Windows
from liftgate.domain.value import Value
from liftgate.domain.vote import Vote
from liftgate.domain.waves import names
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.deployer.windows import KEPT, TRIES
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.run import Run
from liftgate.services import notifications, planned
from liftgate.services.beside import catch_up
from liftgate.services.notes import Notes
from liftgate.services.notifications import cluster_in_short, tell
from liftgate.services.ports import HasBranch, HasForge, HasLimits, HasOverview, HasPages, HasWindows
from liftgate.services.requests import who_asked


class Ports(notifications.Ports, HasBranch, HasForge, HasWindows, HasOverview, HasPages, HasLimits, Protocol):
    """What these use cases need."""


LOOKS = timedelta(minutes=10)
"""How often a run is woken only to ask Argo CD itself."""
REVIEWS_KEPT = 30.0
"""The flow that is woken asks the forge again; whoever only looks need not."""


class Question(Value):
    run: Run
    gate: str
    """The label of the gate it waits at."""
    plan: str
    """The whole digest of the plan that is voted on; empty where there is none to be shown."""
    trouble: str
    """Why nothing can be decided; empty when it can."""
    is_outdated: bool
    """Whether the run must plan again before anybody can decide."""
    approvals: Approvals
    requester: Requester
    votes: tuple[Vote, ...]
    decision: Decision
    """By the votes there are; waiting as long as they do not suffice."""


def gate_of(run: Run) -> str:
    """The name of the gate the run waits at; empty when it waits at none."""
    return run.pause_key.rpartition("-")[0] if run.state == "PAUSED" and run.pause_key.startswith("gate-") else ""


def closed(run: Run) -> str:
    """Why the run waits for no decision; empty when it waits for one."""
    if gate_of(run):
        return ""
    state = run.message if run.is_over and run.message else run.state_name.lower()
    return f"{run.name} waits for no decision: {state}"


def environment_of(run: Run) -> str:
    return str(run.parameters.get("to") or run.parameters.get("environment") or "")


def read(at: Ports, tree: Tree, run: Run, *, within: float = REVIEWS_KEPT) -> Question:
    """Everything as it is now, for a run that waits; raises Refused when its environment is gone.

    The forge's word about reviews may be `within` seconds old. What was fetched before the run came to its gate may
    lack what its gate knew, so nothing is called refused by that.
    """
    question = _read(at, tree, run, within)
    if question.decision.state != "refused":
        return question
    try:
        _fetch_once(at, run.id, run.since)
    except LiftgateError:
        return question
    return _read(at, at.latest, run, within)


@lru_cache(maxsize=1024)
def _fetch_once(at: Ports, run: str, since: datetime) -> None:  # noqa: ARG001  once for each time it came to its gate
    at.git.fetch()


def _read(at: Ports, tree: Tree, run: Run, within: float) -> Question:
    environment = tree.environment(environment_of(run))
    policy = tree.configuration.policy_of(environment)
    if policy.approvals is None:
        raise Refused(f"{environment} has no rule about approvals")
    asked, gate = run.parameters, gate_of(run)
    requester = who_asked(at, tree, run, str(asked.get("requested_by", "")), str(asked.get("after", "")))
    shown = planned.at_gate(at, tree, run, gate)
    votes: tuple[Vote, ...] = ()
    if shown.plan is None:
        decision = Decision(state="waiting", reason=shown.trouble)
    else:
        forms = Notes(at.runs, run.id).form_answers(gate) if policy.approvals.unproven else ()
        ballot = ballot_of(
            at,
            tree,
            shown.plan,
            run=run.id,
            requester=requester,
            opened=run.created,
            unproven=forms,
            until=run.pause_timeout,
            reviews_within=within,
        )
        votes, decision = ballot.votes, _decision(at, tree, run, ballot)
    return Question(
        run=run,
        gate=gate,
        plan=shown.plan.hash if shown.plan else "",
        trouble=shown.trouble,
        is_outdated=shown.is_outdated,
        approvals=policy.approvals,
        requester=requester,
        votes=votes,
        decision=decision,
    )


def gate(at: Ports, promotion: Promotion, plan: Plan, unproven: tuple[bool, ...] = ()) -> Decision:
    """Open, refused, expired or waiting; the sentence says for whom. `unproven`: answers of Prefect's own form.

    Argo CD is always asked: how long its windows are closed says how long the gate stays open.
    """
    ballot = ballot_of(
        at,
        at.tree(promotion.head),
        plan,
        run=promotion.id,
        requester=promotion.requester,
        opened=promotion.requested_at,
        unproven=unproven,
    )
    windows = at.windows.ask(names(promotion.argocd), tries=TRIES)
    return rules.decide(ballot.model_copy(update={"windows": windows}))


def ballot_of(  # noqa: PLR0913  what only the flow, or only the server, knows
    at: Ports,
    tree: Tree,
    plan: Plan,
    *,
    run: str,
    requester: Requester,
    opened: datetime,
    unproven: tuple[bool, ...] = (),
    until: datetime | None = None,
    reviews_within: float = 0.0,
) -> Ballot:
    """All that the gates need to know of the plan but Argo CD's windows; the forge's word about reviews may be
    `reviews_within` seconds old. Raises Unavailable, Misconfigured."""
    proven = Notes(at.runs, run).votes(plan.hash, tree.signers)
    return Ballot.of(
        plan,
        tree.configuration.policy_of(plan.environment),
        at.entries(plan.application),
        requester=requester,
        opened=opened,
        now=at.clock.now(),
        deadline=timedelta(seconds=at.limits.gate),
        votes=standing(at, tree, run, proven, within=reviews_within),
        unproven=unproven,
        stop=at.stop(plan.environment),
        until=until,
    )


def _decision(at: Ports, tree: Tree, run: Run, ballot: Ballot) -> Decision:
    """As the flow decides. Argo CD's windows are asked for only where they can change the answer."""
    decision = rules.decide(ballot)
    if decision.state in ("waiting", "refused"):
        return decision
    return rules.decide(ballot.model_copy(update={"windows": _windows(at, tree, run, ballot)}))


def ask(at: Ports, promotion: Promotion, plan: Plan, decision: Decision) -> int:
    """Ask people, by the promotion's message. Seconds the gate may still stay open.

    The plan is noted on the run, for the page of one that is refused.
    """
    catch_up()
    Notes(at.runs, promotion.id).keep_plan(plan)
    cluster = cluster_in_short(at, promotion, plan)
    tell(at, promotion, announcement.waiting(promotion, plan, decision, at.page(promotion.id), cluster))
    left = (decision.until - at.clock.now()).total_seconds() if decision.until else 0.0
    return max(1, int(left))


def _windows(at: Ports, tree: Tree, run: Run, ballot: Ballot) -> Windows:
    """Without an Argo CD here only the run itself can ask: it is woken by a vote, and now and then, but not before
    what held it when it last looked is over."""
    if at.overview:
        application = str(run.parameters.get("application", ""))
        return at.windows.ask(names(tree.argocd(application, environment_of(run))), within=KEPT)
    voted = any(vote.at > run.since for vote in ballot.votes)
    held = run.pause_timeout - ballot.deadline if run.pause_timeout else run.since
    soon = max(held, run.since + LOOKS) - ballot.now
    if not voted and soon > timedelta():
        return Windows(unknown=f"LIFTGATE_ARGOCD__URL is not set here; the run itself looks again in {human(soon)}")
    return Windows()


def standing(at: Ports, tree: Tree, run: str, votes: Sequence[Vote], *, within: float = 0.0) -> tuple[Vote, ...]:
    """Without the approvals of reviews that were dismissed, or changed to another word, since.

    The forge is asked only where there is such a vote, and may have been up to `within` seconds ago.
    Raises Unavailable, Misconfigured.
    """
    if not any(_by_review(vote) for vote in votes):
        return tuple(votes)
    seen = at.forge.reviewed(proposal_branch(run), at.git.branch, within=within)
    gone = withdrawn(seen.reviews) if seen else frozenset()
    people = tree.configuration.people
    logins = {name: at.forge.login(person).lower() for name, person in people.items()}
    return tuple(vote for vote in votes if not (_by_review(vote) and logins.get(vote.person, "") in gone))


def _by_review(vote: Vote) -> bool:
    return vote.through == "forge" and vote.decision == "approve"
