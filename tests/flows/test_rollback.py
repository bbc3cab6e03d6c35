"""A bad release is taken back by itself: reverted, synced, verified, recorded; and it stays out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from liftgate.domain.message import PROMOTION_ID, REVERTS
from liftgate.sandbox.forge import Protection
from tests.examples import text, values
from tests.flows.artifacts import artifacts
from tests.lab import Lab, configured
from tests.prefect_server import eventually

pytestmark = pytest.mark.prefect


def base_with(lab: Lab, version: str) -> None:
    lab.commit({"configs/base/values.json": text(values("base", version))})


def with_database(environment: str) -> dict[str, Any]:
    return values(environment, database={"url": "vault:secret/data/db#url"})


def test_what_works_in_staging_and_breaks_prod_is_rolled_back_there(lab: Lab) -> None:
    """1.5.0 needs a setting that dev and staging own and prod lacks."""
    for name in ("dev", "staging"):
        lab.commit({f"configs/{name}/values.json": text(with_database(name))})
    base_with(lab, "1.5.0")
    lab.start_as("rosa", "promote", application="example-app", to="dev")
    run = lab.at_gate("prod")
    lab.vote(run, "ada")
    lab.wake(run)
    state = lab.ended(run)
    assert (state["type"], state["name"]) == ("FAILED", "RolledBack")
    assert re.match(r"rolled back to 1\.4\.1 in \d+ s: health check: database unreachable", state["message"])
    assert (lab.version("prod"), lab.serves("prod")) == ("1.4.1", "1.4.1")
    assert lab.version("staging") == "1.5.0"
    assert [(e.kind, e.outcome) for e in lab.entries("prod")] == [("rollback", "verified"), ("promote", "rolled back")]
    revert = lab.commits()[0]
    assert (revert.trailer(REVERTS), revert.trailer("Promotion-Requested-By")) == (run, "Liftgate")
    assert [e.requester for e in lab.entries("prod")] == ["Liftgate (automatic)", "rosa (gatehouse)"]
    told = str([message.blocks for message in lab.town.slack.store.state.messages])
    assert "somebody" not in told
    assert "runs there now" not in told, "every promotion is over"


def test_it_is_blocked_there_afterwards_with_the_way_out(lab: Lab) -> None:
    base_with(lab, "1.5.0")
    assert lab.ended(lab.start("promote", application="example-app", to="dev"))["name"] == "RolledBack"
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    assert state["name"] == "Refused"
    assert "1.5.0 was rolled back in dev" in state["message"]
    base_with(lab, "1.4.3")
    assert lab.ended(lab.start("promote", application="example-app", to="dev"))["name"] == "Promoted"


def test_a_step_that_cannot_even_run_is_a_failed_one_also_after_the_rollback(lab: Lab) -> None:
    """Its settings are wrong: that is recorded like any other failure, and what comes next is not held up."""
    checks = {"health-check": {"http": ""}}
    lab.commit({"liftgate.json": text(configured(lab, applications={"example-app": {"checks": checks}}))})
    lab.variables["LIFTGATE_VERIFY_DEADLINE"] = "5"
    lab.deploy()
    run = lab.start("promote", application="example-app", to="dev")
    assert lab.ended(run)["name"] == "RollbackFailed"
    assert [(e.kind, e.outcome) for e in lab.entries("dev")] == [
        ("rollback", "rollback failed"), ("promote", "rollback failed"),
    ]  # fmt: skip
    lab.commit({"liftgate.json": text(configured(lab))})
    base_with(lab, "1.4.3")
    assert lab.ended(lab.start("promote", application="example-app", to="dev"))["name"] == "Promoted"


def test_a_failing_integration_test_takes_it_back(lab: Lab) -> None:
    lab.variables["LIFTGATE_WORKER__COMMANDS"] = '{"smoke": ["sh", "-c", "echo 2 of 9 failed; exit 1"]}'
    lab.deploy()
    state = lab.ended(lab.start("promote", application="example-app", to="dev"))
    # The same test fails after the rollback too: then people must look, and are told so.
    assert state["name"] == "RollbackFailed"
    assert "2 of 9 failed" in state["message"]
    assert "people must look now" in state["message"]
    assert lab.version("dev") == "1.4.1"


def test_a_step_that_says_nothing_in_time_takes_it_back(lab: Lab) -> None:
    lab.variables["LIFTGATE_WORKER__COMMANDS"] = '{"smoke": ["sleep", "20"]}'
    lab.variables["LIFTGATE_VERIFY_DEADLINE"] = "1"
    lab.deploy()
    run = lab.start("promote", application="example-app", to="dev")
    assert eventually(lambda: any(c.trailer(REVERTS) == run for c in lab.commits()), within=60)
    assert "gave no verdict in time" in lab.commits()[0].message


def test_other_peoples_later_changes_survive_the_rollback(lab: Lab) -> None:
    base_with(lab, "1.4.2")
    run = lab.start("promote", application="example-app", to="dev")
    assert lab.ended(run)["name"] == "Promoted"
    lab.commit({"configs/dev/values.json": text(lab.json("dev") | {"note": "kept"}), "README.md": b"x\n"})
    state = lab.ended(lab.start("rollback", application="example-app", environment="dev", reason="by hand"))
    assert (state["type"], state["message"]) == ("COMPLETED", "verified: back to 1.4.1")
    assert lab.json("dev")["note"] == "kept"
    assert lab.version("dev") == "1.4.1"


def test_where_later_changes_overlap_the_values_are_those_verified_last_and_not_somebodys_edit(lab: Lab) -> None:
    lab.commit({"liftgate.json": text(configured(lab, policy={"staging": {"start": "manual"}}))})
    assert lab.ended(lab.start("promote", application="example-app", to="dev"))["name"] == "Promoted"
    lab.commit({"configs/dev/values.json": text(lab.json("dev") | {"note": "nobody verified this"})})
    base_with(lab, "1.4.3")
    run = lab.start("promote", application="example-app", to="dev")
    assert lab.ended(run)["name"] == "Promoted"
    overlapping = lab.json("dev")
    overlapping["application"]["version"] = "1.4.4"
    lab.commit({"configs/dev/values.json": text(overlapping), "README.md": b"x\n"})
    back = lab.start("rollback", application="example-app", environment="dev")
    assert lab.ended(back)["message"] == "verified: back to 1.4.2"
    assert "note" not in lab.json("dev")
    shown = artifacts(lab, back, "rollback-example-app-dev")[0]
    assert "/note" in shown
    assert "1.4.4" in shown


def test_rolling_back_twice_takes_back_once(lab: Lab) -> None:
    run = lab.start("promote", application="example-app", to="dev")
    lab.ended(run)
    for _ in range(2):
        again = lab.start("rollback", application="example-app", environment="dev", promotion=run)
        assert lab.ended(again)["type"] == "COMPLETED"
    assert len([commit for commit in lab.commits() if commit.trailer(REVERTS)]) == 1


def test_a_run_that_is_over_never_acts_again(lab: Lab) -> None:
    base_with(lab, "1.5.0")
    run = lab.start("promote", application="example-app", to="dev")
    lab.ended(run)
    commits = len(lab.commits())
    retry = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": True}
    lab.prefect.call("POST", f"/flow_runs/{run}/set_state", retry)
    assert lab.ended_again(run)["name"] == "RolledBack"
    assert len(lab.commits()) == commits
    assert len(lab.entries("dev")) == 2


def test_a_worker_that_may_not_push_the_revert_says_so(lab: Lab) -> None:
    base_with(lab, "1.5.0")
    run = lab.start_as("rosa", "promote", application="example-app", to="dev")
    while len(lab.commits()) < 3:
        pass
    lab.town.forge.protect("shop/config", "main", Protection(approvals=1))
    state = lab.ended(run)
    assert state["name"] == "RollbackFailed"
    assert "does not let the worker push" in state["message"]
    assert "\n" not in state["message"], "the commands stand in the call, not in the ledger"
    told = "\n".join(str(message.blocks) for message in lab.town.slack.store.state.messages)
    bad = next(commit.sha for commit in lab.commits() if commit.trailer(PROMOTION_ID) == run)
    assert f"git revert --no-edit {bad}" in told
    assert f"liftgate rollback example-app --in dev --promotion {run}" in told


def test_nothing_to_take_back_is_said(lab: Lab) -> None:
    state = lab.ended(lab.start("rollback", application="example-app", environment="dev"))
    assert state["name"] == "Refused"
    assert "no commit of a promotion of example-app in dev" in state["message"]
