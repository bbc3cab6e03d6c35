"""The named steps of a stage, side by side, in the order `liftgate.json` gives them."""

from __future__ import annotations

from typing import Any

from prefect.client.schemas.objects import State

from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.verdict import Verdict, failed
from tasks.check import check
from tasks.ends import deployed_of, states_of, verdict_of, worst
from tasks.now import patience
from tasks.preview import generate_diff, notify_reviewers
from tasks.propose import propose
from tasks.steps_of import steps_of
from tasks.tell import tell_step

PREVIEWS = {"generate-diff": generate_diff, "notify-reviewers": notify_reviewers}


States = list[State[Any]]
"""The final states of a stage's steps; what comes after names them, so that the graph shows the order."""


def validate(promotion: Promotion) -> tuple[Verdict, States]:
    """All findings of all steps at once."""
    begun = [check.submit(promotion, spec, spec.name) for spec in steps_of(promotion, "validate")]
    states = states_of(begun)
    return worst(verdict_of(state) for state in states), states


def preview(promotion: Promotion, plan: Plan) -> States:
    """Shown to people, and proposed as a pull request where policy delivers by one."""
    proposed = propose.submit(promotion, plan)
    specs = steps_of(promotion, "preview")
    begun = [
        PREVIEWS[spec.name].submit(promotion, plan)
        if spec.name in PREVIEWS
        else check.submit(promotion, spec, spec.name)
        for spec in specs
    ]
    states = states_of((proposed, *begun))
    for state in states:
        state.result()
    return states


def verify(promotion: Promotion, synced: State[Any]) -> tuple[Verdict, States]:
    """Synced, and every configured step passed; none of them can be talked into "passed" by silence."""
    deployed = deployed_of(synced)
    if deployed.state != "deployed":
        return failed(deployed.reason), [synced]
    tell_step.submit(promotion, "sync", f"synced and healthy after {deployed.total:.1f} s")
    specs = steps_of(promotion, "verify")
    begun = [check.submit(promotion, spec, spec.name, wait_for=[synced], return_state=False) for spec in specs]
    states = states_of(begun, within=patience())
    verdict = worst(verdict_of(state) for state in states)
    tell_step.submit(promotion, "verify", verdict.reason)
    return verdict, states or [synced]
