"""Which gates a plan would meet."""

from __future__ import annotations

from liftgate.domain.approval.gate_preview import gates
from liftgate.domain.approval.policy import Approvals, Policy
from liftgate.domain.planning.plan_value import FilePlan, Plan
from liftgate.domain.planning.row import Row
from tests.examples import NOW, RELEASE, entry

OPEN = Policy(after=())


def plan(*rows: Row, release: str = RELEASE.id) -> Plan:
    return Plan(
        application="example-app",
        environment="prod",
        release_id=release,
        files=(FilePlan(path="x", blob=""),),
        rows=rows,
        policy_hash="",
        version="1",
    )


def test_nothing_stands_in_the_way_of_an_open_environment() -> None:
    assert {verdict.state for verdict in gates(plan(), OPEN, [], NOW).values()} == {"passed"}


def test_a_conflict_names_its_place() -> None:
    found = gates(plan(Row(pointer="/a/b", kind="conflict")), OPEN, [], NOW)
    assert found["content"].failed
    assert "/a/b" in found["content"].reason


def test_what_soaks_or_is_frozen_is_shown_where_the_policy_asks_for_it() -> None:
    policy = Policy.model_validate(
        {"after": ["staging"], "soak": "1h", "freeze": [{"cron": f"0 {NOW.hour} * * *", "for": "2h"}]}
    )
    verified = [entry(environment="staging", release=RELEASE.id)]
    found = gates(plan(), policy, verified, NOW)
    assert {name: found[name].state for name in ("upstream", "soak", "freeze")} == {
        "upstream": "passed", "soak": "pending", "freeze": "pending",
    }  # fmt: skip


def test_upstream_must_have_verified_this_very_release() -> None:
    policy = Policy(after=("staging",))
    other = entry(environment="staging", release="sha256:other")
    same = entry(environment="staging", release=RELEASE.id)
    assert gates(plan(), policy, [other], NOW)["upstream"].failed
    assert gates(plan(), policy, [same], NOW)["upstream"].passed


def test_a_release_that_was_rolled_back_there_is_stopped() -> None:
    bad = entry(environment="prod", release=RELEASE.id, outcome="rolled back", reason="it broke")
    assert "it broke" in gates(plan(), OPEN, [bad], NOW)["history"].reason


def test_approvals_say_by_whom() -> None:
    policy = Policy(after=(), approvals=Approvals.model_validate({"needed": 2, "from": ["ada", "grace"]}))
    found = gates(plan(), policy, [], NOW)["approvals"]
    assert found.pending
    assert "2 approvals: ada or grace" in found.reason


def test_an_update_has_no_release_to_ask_about() -> None:
    assert set(gates(plan(release=""), OPEN, [], NOW)) == {"content", "approvals"}
