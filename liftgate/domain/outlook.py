"""Which gates would hold a plan, before anybody asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from liftgate.domain import gate, ledger
from liftgate.domain.gate import Ballot
from liftgate.domain.ledger import Entry
from liftgate.domain.plan_value import Plan
from liftgate.domain.policy import Policy
from liftgate.domain.promotion import Requester
from liftgate.domain.stop import Stop
from liftgate.domain.verdict import Verdict, failed, passed


def gates(
    plan: Plan, policy: Policy, entries: Sequence[Entry], now: datetime, stop: Stop | None = None
) -> dict[str, Verdict]:
    """By name. Approvals are counted as for a requester that is proven.

    `stop` is what pauses the environment, as far as is known: None is no proof that nothing does, so it is not said.
    """
    nobody, day = Requester(name="", proof="gatehouse"), timedelta(days=1)
    ballot = Ballot.of(plan, policy, entries, requester=nobody, opened=now, now=now, deadline=day, stop=stop)
    found = {"content": _content(plan)}
    if stop:
        found["pause"] = gate.stopped(ballot)
    if plan.release_id:
        found["upstream"] = gate.upstream(ballot)
        found["history"] = _history(plan, entries)
        if policy.soak:
            found["soak"] = gate.soak(ballot)
    if policy.freeze:
        found["freeze"] = gate.freeze(ballot)
    found["approvals"] = gate.approvals(ballot)
    return found


def _content(plan: Plan) -> Verdict:
    if plan.blocking:
        places = ", ".join(row.pointer for row in plan.blocking)
        return failed(f"a person must decide at {places}")
    return passed("nothing to change" if plan.is_empty else "the values fit together")


def _history(plan: Plan, entries: Sequence[Entry]) -> Verdict:
    rolled_back = ledger.blocked(ledger.of(entries, plan.application, plan.environment), plan.release_id)
    if rolled_back:
        return failed(f"this release was rolled back there: {rolled_back.reason}")
    return passed("it was never rolled back there")
