"""The named steps of a stage, side by side, in the order `liftgate.json` gives them."""

from __future__ import annotations

from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.verdict import Verdict, failed
from liftgate.integrations.deployer import Deployed
from tasks.check import check
from tasks.ends import states_of, verdict_of, worst
from tasks.preview import generate_diff, notify_reviewers
from tasks.propose import propose
from tasks.steps_of import steps_of
from tasks.tell import tell_step

PREVIEWS = {"generate-diff": generate_diff, "notify-reviewers": notify_reviewers}


def validate(promotion: Promotion) -> Verdict:
    """All findings of all steps at once."""
    begun = [check.submit(promotion, spec, spec.name) for spec in steps_of(promotion, "validate")]
    return worst(verdict_of(state) for state in states_of(begun))


def preview(promotion: Promotion, plan: Plan) -> None:
    """Shown to people, and proposed as a pull request where policy delivers by one."""
    proposed = propose.submit(promotion, plan)
    specs = steps_of(promotion, "preview")
    begun = [
        PREVIEWS[spec.name].submit(promotion, plan)
        if spec.name in PREVIEWS
        else check.submit(promotion, spec, spec.name)
        for spec in specs
    ]
    for state in states_of((proposed, *begun)):
        state.result()


def verify(promotion: Promotion, deployed: Deployed) -> Verdict:
    """Synced, and every configured step passed; none of them can be talked into "passed" by silence."""
    if deployed.state != "deployed":
        return failed(deployed.reason)
    tell_step.submit(promotion, "sync", f"synced and healthy after {deployed.total:.1f} s")
    begun = [check.submit(promotion, spec, spec.name) for spec in steps_of(promotion, "verify")]
    verdict = worst(verdict_of(state) for state in states_of(begun))
    tell_step.submit(promotion, "verify", verdict.reason)
    return verdict
