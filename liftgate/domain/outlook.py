"""Which gates would hold a plan, before anybody asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from liftgate.domain import gate, ledger
from liftgate.domain.gate import Ballot
from liftgate.domain.ledger import Entry
from liftgate.domain.plan_value import Plan
from liftgate.domain.policy import Policy
from liftgate.domain.promotion import Requester
from liftgate.domain.release import Release
from liftgate.domain.stop import Stop
from liftgate.domain.verdict import Verdict, failed, passed, pending


def gates(
    plan: Plan,
    release: Release | None,
    policy: Policy,
    entries: Sequence[Entry],
    now: datetime,
    stop: Stop | None = None,
) -> dict[str, Verdict]:
    """By name. `release` is None for an update; approvals are counted as for a requester that is proven.

    `stop` is what pauses the environment, as far as is known: None is no proof that nothing does, so it is not said.
    """
    found = {"content": _content(plan)}
    if stop:
        found["pause"] = pending(stop.sentence)
    verified = gate.verified_in(entries, plan.application, policy, release.id) if release else {}
    if release:
        found["upstream"] = _upstream(plan, verified)
        found["history"] = _history(plan, release, entries)
    nobody = Requester(name="", proof="gatehouse")
    since = gate.since_all(verified)
    ballot = Ballot(policy=policy, requester=nobody, opened=now, now=now, deadline=timedelta(days=1), verified=since)
    if policy.soak and release:
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


def _upstream(plan: Plan, verified: Mapping[str, datetime | None]) -> Verdict:
    if not verified:
        return passed("it comes after no environment")
    return gate.upstream(verified, plan.environment, plan.version)


def _history(plan: Plan, release: Release, entries: Sequence[Entry]) -> Verdict:
    rolled_back = ledger.blocked(ledger.of(entries, plan.application, plan.environment), release.id)
    if rolled_back:
        return failed(f"this release was rolled back there: {rolled_back.reason}")
    return passed("it was never rolled back there")
