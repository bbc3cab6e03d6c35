"""What people are told of a promotion: who asked, and what is true when the message is read."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain import announcement
from liftgate.domain.announcement import Announcement
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import AUTOMATIC, Promotion, Requester
from tests.examples import NOW, entry

PLAN = Plan(application="shop", environment="prod", path="x", blob="", edits=(), rows=(), policy_hash="", version="1")


def promotion(**changes: Any) -> Promotion:
    plain: dict[str, Any] = {
        "id": "one",
        "kind": "promote",
        "application": "shop",
        "environment": "prod",
        "argocd": (("shop-prod",),),
        "path": "x",
        "head": "b" * 40,
        "requester": Requester(name="ada", proof="gatehouse"),
        "requested_at": NOW,
        "previous": "1.4.1",
    }
    return Promotion.model_validate(plain | changes)


def facts(told: Announcement) -> dict[str, str]:
    return dict(told.facts)


def test_until_it_is_over_the_version_that_runs_is_said_to_run() -> None:
    assert facts(announcement.begun(promotion(), PLAN, ""))["runs there now"] == "1.4.1"


@pytest.mark.parametrize("outcome", ["promoted", "verified", "rolled back", "failed", "refused", "superseded"])
def test_when_it_is_over_the_version_before_is_only_said_to_have_been_there_before(outcome: str) -> None:
    told = facts(announcement.ended(promotion(), PLAN, entry(outcome=outcome), ""))
    assert told == {"asked by": "ada", "before": "1.4.1"}


def test_a_rollback_that_started_by_itself_was_asked_for_by_liftgate() -> None:
    rollback = promotion(kind="rollback", requester=AUTOMATIC, reverts="two")
    told = facts(announcement.ended(rollback, None, entry(kind="rollback", outcome="verified"), ""))
    assert told == {"asked by": "Liftgate", "back to": "1.4.1"}


def test_who_gave_no_name_is_unknown() -> None:
    told = facts(announcement.begun(promotion(requester=Requester(name="")), PLAN, ""))
    assert told["asked by"] == "unknown (claimed)"
