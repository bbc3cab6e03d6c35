"""The release of a promotion to "latest verified" that waits at a gate: it stays, or each newer release would take the
approvals, and the soak time, of the one that waits."""

from __future__ import annotations

from liftgate.domain.promotion.run_request import LATEST, RunRequest
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.choose_release import Kept
from liftgate.services.notes import NotedPlans, Notes


def kept_releases(
    tree: ConfigSnapshot, asked: RunRequest, notes: Notes, noted: NotedPlans | None = None
) -> tuple[Kept, ...]:
    """By the plans of its gates, which are `noted`, if they were read. Prefect keeps them, so they may name another
    release: but one that is verified upstream, as each must be. In an environment without upstream only what a person
    approved is kept: a release may be taken back there in its file."""
    if asked.changes is not None or asked.release != LATEST:
        return ()
    plans = (noted or notes.noted_plans()).with_a_release
    if plans and not tree.configuration.policy_of(tree.environment(asked.environment)).after:
        approved = {each.plan for each in notes.all_votes(tree.signers) if each.decision == "approve"}
        plans = tuple(plan for plan in plans if plan.hash in approved)
    return tuple((plan.release_id, plan.source) for plan in plans)
