"""Which gates would hold a plan, before a promotion is requested."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from liftgate.domain.approval import gate
from liftgate.domain.approval.author import Authors
from liftgate.domain.approval.gate import GateContext
from liftgate.domain.approval.pause import Pause
from liftgate.domain.approval.policy import Policy
from liftgate.domain.approval.requester import Requester
from liftgate.domain.common.verdict import Verdict, failed, passed
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan_value import Plan


def gates(
    plan: Plan, policy: Policy, entries: Sequence[Entry], now: datetime, pause: Pause | None = None, first: str = ""
) -> dict[str, Verdict]:
    """Verdicts by gate name. Approvals are counted as for a proven requester, and without the authors.

    `pause` is None if there is no pause or it is not known, so the preview then says nothing about pauses.
    Promotions to the environment begin in `first`, as nothing is verified there yet.
    """
    unknown, day = Requester(name="", proof="server"), timedelta(days=1)
    gate_context = GateContext.of(
        plan, policy, entries, requester=unknown, authors=Authors(), opened=now, now=now, deadline=day, pause=pause
    )
    found = {"content": _content(plan)}
    if pause:
        found["pause"] = gate.paused(gate_context)
    if plan.release_id:
        found["upstream"] = _upstream(gate_context, first)
        found["history"] = _history(plan, entries)
        if plan.older_than:
            found["age"] = _age(plan)
        if policy.soak:
            found["soak"] = gate.soak(gate_context)
    if policy.freeze:
        found["freeze"] = gate.freeze(gate_context)
    found["approvals"] = gate.approvals(gate_context)
    return found


def _upstream(gate_context: GateContext, first: str) -> Verdict:
    verdict = gate.upstream(gate_context)
    if verdict.passed or first in ("", gate_context.environment, *gate_context.verified):
        return verdict
    return failed(f"{verdict.reason}; nothing is verified in {first} yet, so begin with {first}")


def _content(plan: Plan) -> Verdict:
    if plan.blocking:
        places = ", ".join(row.where for row in plan.blocking)
        return failed(f"a person must decide at {places}")
    if not plan.is_empty:
        return passed("the values fit together")
    return passed("nothing to change" + ("; a promotion verifies what is there" if plan.release_id else ""))


def _age(plan: Plan) -> Verdict:
    if plan.refused_downgrade:
        return failed(plan.refused_downgrade)
    return passed(f"older than {plan.older_than}, and the request allows the downgrade")


def _history(plan: Plan, entries: Sequence[Entry]) -> Verdict:
    rolled_back = ledger.blocked(ledger.entries_of(entries, plan.application, plan.environment), plan.release_id)
    if rolled_back:
        return failed(f"this release was rolled back there: {rolled_back.reason}")
    return passed("it was never rolled back there")
