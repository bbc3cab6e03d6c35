"""Each rule finds its own break, and finds nothing in a promotion that went well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from liftgate.domain.ledger.by_hand import ByHand
from liftgate.domain.promotion.message import ENVIRONMENT, PROMOTION_ID
from liftgate.domain.promotion.take_over import HandMade
from liftgate.integrations.git.history import Change
from tests.chaos.invariants import Facts, broken, unhealed
from tests.examples import NOW, entry, values

ONE = entry(environment="dev")
SHA = ONE.revision


def change(sha: str = SHA, promotion: str = ONE.promotion) -> Change:
    trailers: dict[str, tuple[str, ...]] = {PROMOTION_ID: (promotion,), ENVIRONMENT: ("dev",)} if promotion else {}
    return Change(sha=sha, parents=("a" * 40,), when=NOW, message="", trailers=trailers)


def run(state: str = "COMPLETED", name: str = "Promoted", run_id: str = ONE.promotion) -> Mapping[str, Any]:
    return {
        "id": run_id, "name": "example-app 1.4.2 → dev", "state_type": state, "state_name": name,
        "state_id": "1", "deployment_id": "d", "state": {"message": "said"},
    }  # fmt: skip


NEW, OLD = values("dev", "1.4.2"), values("dev", "1.4.1")
GOOD: dict[str, Any] = {
    "runs": (run(),),
    "commits": (change(),),
    "entries": (ONE,),
    "messages": (ONE.promotion,),
    "values": {SHA: NEW, "dev": NEW},
    "before": {SHA: OLD},
    "served": {"dev": "1.4.2"},
}


def test_a_promotion_that_a_newer_one_superseded_at_its_gate_has_no_commit() -> None:
    older = entry(environment="dev", promotion="2" * 8, outcome="superseded", revision="")
    facts: dict[str, Any] = GOOD | {"entries": (ONE, older), "messages": (ONE.promotion, older.promotion)}
    assert broken(Facts(**facts)) == []
    committed = facts | {"commits": (change(), change("e" * 40, older.promotion)), "before": {SHA: OLD, "e" * 40: OLD}}
    found = broken(Facts(**committed | {"values": {SHA: NEW, "e" * 40: NEW, "dev": NEW}}))
    assert found == [f"the entry of {older.promotion} (superseded) names no commit, but there is one"]


def test_the_message_of_a_take_over_names_the_run_and_its_entry_the_commit() -> None:
    asked = {"application": "example-app", "environment": "dev", "commit": SHA}
    taken = entry(
        kind="update", environment="dev", promotion=HandMade(**asked).promotion, by_hand=ByHand(how="pushed", by="ada")
    )
    ran = {**run(run_id="3" * 8), "parameters": asked}
    facts: dict[str, Any] = GOOD | {"runs": (ran,), "commits": (change(promotion=""),), "messages": ("3" * 8,)}
    assert broken(Facts(**facts | {"entries": (taken,)})) == []
    assert "the run 33333333 says Promoted, the ledger None" in broken(Facts(**facts))


def with_hand(values: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    there = dict(values["application"])
    there["environment"] = {"name": "dev", "configs": {"by-hand": number}}
    return {"application": there}


def test_a_promotion_that_went_well_breaks_nothing() -> None:
    assert broken(Facts(**GOOD)) == []
    assert unhealed(Facts(**GOOD)) == []


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("is still Running", {"runs": (run("RUNNING", "Running"),)}),
        ("is still Cancelling", {"runs": (run("CANCELLING", "Cancelling"),)}),
        ("crashed and does not go on", {"runs": (run("CRASHED", "Crashed"),)}),
        ("has 2 commits", {"commits": (change(), change("e" * 40)), "values": {SHA: NEW, "e" * 40: NEW, "dev": NEW}}),
        ("locks dev", {"entries": (), "messages": (), "runs": ()}),
        ("has 2 entries", {"entries": (ONE, ONE.copy_with(environment="prod"))}),
        ("was changed after it was written", {"rewritten": (ONE.path,)}),
        ("is not on the branch", {"commits": ()}),
        ("told 2 times", {"messages": (ONE.promotion, ONE.promotion)}),
        ("were not told", {"messages": ()}),
        ("says 2 times", {"repeated": ((ONE.promotion, "committed", 2),)}),
        ("says RolledBack, the ledger promoted", {"runs": (run(name="RolledBack"),)}),
        ("its commit has 1.4.1", {"values": {SHA: OLD, "dev": OLD}, "served": {"dev": "1.4.1"}}),
        (
            "set by hand: 1 became 2",
            {"before": {SHA: with_hand(OLD, 1)}, "values": {SHA: with_hand(NEW, 2), "dev": NEW}},
        ),
        ("dev serves 1.4.1", {"served": {"dev": "1.4.1"}}),
        ("is left", {"branches": ("refs/heads/liftgate/preview/1",)}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_rule_finds_its_break(said: str, changes: dict[str, Any]) -> None:
    found = broken(Facts(**GOOD | {"before": {SHA: OLD, "e" * 40: OLD}} | changes))
    assert any(said in each for each in found), found


def test_a_rollback_that_leaves_the_other_version_is_found() -> None:
    back = entry(
        environment="dev", kind="rollback", outcome="verified", promotion="2" * 8, revision="e" * 40,
        reverts=ONE.promotion, times=ONE.times.copy_with(finished=NOW + timedelta(minutes=1)),
    )  # fmt: skip
    facts: dict[str, Any] = GOOD | {
        "commits": (change("e" * 40, back.promotion), change()),
        "entries": (ONE, back),
        "messages": (ONE.promotion, back.promotion),
        "before": {SHA: OLD, "e" * 40: NEW},
    }
    assert broken(Facts(**facts | {"values": {SHA: NEW, "e" * 40: OLD, "dev": NEW}})) == []
    (said,) = broken(Facts(**facts | {"values": {SHA: NEW, "e" * 40: NEW, "dev": NEW}}))
    assert "took back" in said
