"""Decide whether the plan may be applied now: count the proven votes on exactly this plan."""

from __future__ import annotations

from datetime import datetime, timedelta

from prefect import task

from liftgate.domain import gate as rules
from liftgate.domain.gate import Ballot, Decision
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.vote import gate_name, proven_votes
from liftgate.domain.waves import names
from liftgate.integrations.deployer.windows import TRIES
from liftgate.services.approvals import standing
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="gate", task_run_name="gate", **HEALS)
def gate(promotion: Promotion, plan: Plan, unproven: tuple[bool, ...] = ()) -> Decision:
    """Open, refused, expired or waiting; the sentence says for whom. `unproven`: answers of Prefect's own form."""
    at = integrations()
    tree = at.tree(promotion.head)
    policy = tree.configuration.policy_of(promotion.environment)
    verified: dict[str, datetime | None] = {}
    if promotion.release:
        entries = at.entries(promotion.application)
        verified = rules.verified_in(entries, promotion.application, policy, promotion.release.id)
        verdict = rules.upstream(verified, promotion.environment, promotion.version)
        if verdict.failed:
            return Decision(state="refused", reason=verdict.reason)
    inputs = at.runs.inputs(promotion.id, f"vote-{gate_name(plan.hash)}-")
    proven = proven_votes(inputs, run=promotion.id, plan=plan.hash, signers=tree.signers)
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
    decision = rules.decide(ballot)
    print(decision.reason)
    return decision
