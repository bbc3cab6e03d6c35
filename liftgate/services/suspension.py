"""What a suspended run tells people: the message with the buttons, and the text of the engine's own Resume form."""

from __future__ import annotations

from liftgate.domain.approval.gate import Decision
from liftgate.domain.approval.policy import Policy
from liftgate.domain.common.markup import code, prose
from liftgate.domain.common.value import Value
from liftgate.domain.planning import diff
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services import approvals
from liftgate.services.approvals import Ports
from liftgate.services.turns import end_overtaken

_PLAN_LIMIT = 20_000
"""Characters of the plan in the form."""


class Suspension(Value):
    seconds: int
    """How long the gate may still stay open."""
    form: str
    """Markdown above the fields of the Resume form."""


def suspend(at: Ports, promotion: GatedChange, plan: Plan, decision: Decision, waking: int = 0) -> Suspension:
    """Ask people, and say in the form what they decide, by which policy, and where. Older promotions at the same
    gate end."""
    policy = at.tree(promotion.head).configuration.policy_of(promotion.environment)
    parts = [
        f"## {prose(promotion.title)}",
        _where(at, promotion, policy),
        f"Now: {prose(decision.reason)}",
        f"Policy of {code(promotion.environment)}:\n\n" + "\n".join(f"- {prose(rule)}" for rule in policy.rules),
        diff.plan_markdown(plan, limit=_PLAN_LIMIT),
    ]
    seconds = approvals.ask(at, promotion, plan, decision, waking)
    end_overtaken(at, promotion, policy)
    return Suspension(seconds=seconds, form="\n\n".join(parts))


def _where(at: Ports, promotion: GatedChange, policy: Policy) -> str:
    if policy.approvals is None or not policy.approvals.needed:
        return "No person has to decide."
    if policy.approvals.unproven:
        return "You can decide in this form: the policy also accepts people whom Liftgate cannot identify."
    page = at.page(promotion.id)
    place = f"[on the promotion's page]({page})" if page else f"with {code(f'liftgate approve {promotion.id}')}"
    return f"**Decide {place}.** Liftgate must know who decides, so an answer in this form does not count."
