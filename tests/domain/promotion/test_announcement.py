"""What people are told of a promotion: who asked, and what is true when the message is read."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.approval.requester import AUTOMATIC, Requester
from liftgate.domain.planning.plan import Plan
from liftgate.domain.planning.plan_value import FilePlan
from liftgate.domain.promotion import announcement
from liftgate.domain.promotion.announcement import Announcement
from liftgate.domain.promotion.attempt import Promotion, Rollback
from tests.examples import NOW, RELEASE, entry

PLAN = Plan(
    application="shop", environment="prod", files=(FilePlan(path="x", blob=""),), rows=(), policy_hash="", version="1"
)


def known(**changes: Any) -> dict[str, Any]:
    return {
        "id": "one",
        "application": "shop",
        "environment": "prod",
        "argocd": (("shop-prod",),),
        "paths": ("x",),
        "head": "b" * 40,
        "requester": Requester(name="ada", proof="server"),
        "requested_at": NOW,
        "previous": "1.4.1",
    } | changes


def promotion(**changes: Any) -> Promotion:
    return Promotion(**known(**changes), release=RELEASE)


def facts(told: Announcement) -> dict[str, str]:
    return dict(told.facts)


def test_until_it_is_over_the_version_that_runs_is_said_to_run() -> None:
    assert facts(announcement.begun(promotion(), PLAN, ""))["runs there now"] == "1.4.1"


@pytest.mark.parametrize("outcome", ["promoted", "verified", "rolled back", "failed", "refused", "superseded"])
def test_when_it_is_over_the_version_before_is_only_said_to_have_been_there_before(outcome: str) -> None:
    told = facts(announcement.ended(promotion(), PLAN, entry(outcome=outcome, reason="fine"), ""))
    good = {"details": "fine"} if outcome in ("promoted", "verified") else {}
    assert told == {"requested by": "ada", "before": "1.4.1"} | good


def test_a_rollback_that_started_by_itself_was_asked_for_by_liftgate() -> None:
    rollback = Rollback(**known(requester=AUTOMATIC), reverts="two")
    told = facts(announcement.ended(rollback, None, entry(kind="rollback", outcome="verified"), ""))
    assert (told["requested by"], told["back to"]) == ("Liftgate", "1.4.1")


def test_who_gave_no_name_is_unknown() -> None:
    told = facts(announcement.begun(promotion(requester=Requester(name="")), PLAN, ""))
    assert told["requested by"] == "unknown (claimed)"
