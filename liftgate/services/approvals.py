"""Gates: whether a plan may be applied now, whom a suspended run asks, and the votes so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from liftgate.domain import announcement
from liftgate.domain import gate as rules
from liftgate.domain.gate import Ballot, Decision
from liftgate.domain.plan_value import Plan
from liftgate.domain.policy import Approvals, Policy
from liftgate.domain.promotion import Promotion, Requester, proposal_branch
from liftgate.domain.review import withdrawn
from liftgate.domain.span import human
from liftgate.domain.sync_window import Windows
from liftgate.domain.value import Value
from liftgate.domain.vote import Vote
from liftgate.domain.waves import names
from liftgate.errors import Refused
from liftgate.integrations.deployer.windows import KEPT, TRIES
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.run import Run
from liftgate.services import planned
from liftgate.services.notes import Notes
from liftgate.services.notifications import catch_up, cluster_in_short, tell
from liftgate.services.requests import who_asked
from liftgate.wiring import Integrations

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


def read(at: Integrations, tree: Tree, run: Run, *, within: float = REVIEWS_KEPT) -> Question:
    """Everything as it is now, for a run that waits; raises Refused when its environment is gone.

    The forge's word about reviews may be `within` seconds old.
    """
    environment = tree.environment(environment_of(run))
    policy = tree.configuration.policy_of(environment)
    if policy.approvals is None:
        raise Refused(f"{environment} has no rule about approvals")
    asked, gate = run.parameters, gate_of(run)
    requester = who_asked(at, tree, run, str(asked.get("requested_by", "")), str(asked.get("after", "")))
    shown = planned.at_gate(at, tree, run, gate)
    votes = _votes(at, tree, run, shown.plan, within)
    ballot = Ballot(
        policy=policy,
        requester=requester,
        votes=votes,
        unproven=Notes(at.runs, run.id).form_answers(gate) if policy.approvals.unproven else (),
        opened=run.created,
        now=at.clock.now(),
        deadline=timedelta(seconds=at.settings.gate_deadline),
        stop=at.stop(environment),
        verified=_verified(at, policy, shown.plan) if policy.soak else None,
    )
    return Question(
        run=run,
        gate=gate,
        plan=shown.plan.hash if shown.plan else "",
        trouble=shown.trouble,
        is_outdated=shown.is_outdated,
        approvals=policy.approvals,
        requester=requester,
        votes=votes,
        decision=_decision(at, tree, run, ballot, shown.trouble),
    )


def _decision(at: Integrations, tree: Tree, run: Run, ballot: Ballot, trouble: str) -> Decision:
    """Waiting where nothing can be decided; Argo CD is asked for its windows only where nothing else holds it."""
    if trouble:
        return Decision(state="waiting", reason=trouble)
    decision = rules.decide(ballot)
    if not decision.opens:
        return decision
    return rules.decide(ballot.model_copy(update={"windows": _windows(at, tree, run, ballot.votes)}))


def gate(at: Integrations, promotion: Promotion, plan: Plan, unproven: tuple[bool, ...] = ()) -> Decision:
    """Open, refused, expired or waiting; the sentence says for whom. `unproven`: answers of Prefect's own form."""
    tree = at.tree(promotion.head)
    policy = tree.configuration.policy_of(promotion.environment)
    verified: dict[str, datetime | None] = {}
    if promotion.release:
        entries = at.entries(promotion.application)
        verified = rules.verified_in(entries, promotion.application, policy, promotion.release.id)
        verdict = rules.upstream(verified, promotion.environment, promotion.version)
        if verdict.failed:
            return Decision(state="refused", reason=verdict.reason)
    proven = Notes(at.runs, promotion.id).votes(plan.hash, tree.signers)
    ballot = Ballot(
        policy=policy,
        requester=promotion.requester,
        votes=standing(at, tree, promotion.id, proven),
        unproven=unproven,
        opened=promotion.requested_at,
        now=at.clock.now(),
        deadline=timedelta(seconds=at.settings.gate_deadline),
        stop=at.stop(promotion.environment),
        verified=rules.since_all(verified),
        windows=at.windows.ask(names(promotion.argocd), tries=TRIES),
    )
    return rules.decide(ballot)


def ask(at: Integrations, promotion: Promotion, plan: Plan, decision: Decision) -> int:
    """Ask people, by the promotion's message. Seconds the gate may still stay open.

    The plan is noted on the run, for the page of one that is refused.
    """
    catch_up()
    Notes(at.runs, promotion.id).keep_plan(plan)
    cluster = cluster_in_short(at, promotion, plan)
    tell(at, promotion, announcement.waiting(promotion, plan, decision, at.page(promotion.id), cluster))
    left = (decision.until - at.clock.now()).total_seconds() if decision.until else 0.0
    return max(1, int(left))


def _votes(at: Integrations, tree: Tree, run: Run, plan: Plan | None, within: float) -> tuple[Vote, ...]:
    if plan is None:
        return ()
    proven = Notes(at.runs, run.id).votes(plan.hash, tree.signers)
    return standing(at, tree, run.id, proven, within=within)


def _verified(at: Integrations, policy: Policy, plan: Plan | None) -> datetime | None:
    """As the flow reckons, for the release that was planned; an update has none, and need not soak."""
    if plan is None or not plan.release_id:
        return None
    entries = at.entries(plan.application)
    return rules.since_all(rules.verified_in(entries, plan.application, policy, plan.release_id))


def _windows(at: Integrations, tree: Tree, run: Run, votes: tuple[Vote, ...]) -> Windows:
    """Without an Argo CD here only the run itself can ask: it is woken by a vote, and now and then."""
    application = str(run.parameters.get("application", ""))
    if at.overview:
        return at.windows.ask(names(tree.argocd(application, environment_of(run))), within=KEPT)
    looked = max([run.since, *(vote.at for vote in votes)]) == run.since
    soon = run.since + LOOKS - at.clock.now()
    if looked and soon > timedelta():
        return Windows(unknown=f"LIFTGATE_ARGOCD__URL is not set here; the run itself looks again in {human(soon)}")
    return Windows()


def standing(at: Integrations, tree: Tree, run: str, votes: Sequence[Vote], *, within: float = 0.0) -> tuple[Vote, ...]:
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
