"""Rollbacks on a real Prefect server: one that starts by itself in the promotion's run, and one of a person."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from liftgate_sandbox.forge import Protection
from sandbox_tests.plain import eventually

from liftgate.domain.promotion.message import REVERTS
from tests.examples import SEED, text
from tests.flows.artifacts import artifacts
from tests.lab import Lab, configured
from tests.services.course import course_of
from tests.services.test_rollbacks_to import FILE, file_at

pytestmark = pytest.mark.prefect


def test_a_step_that_says_nothing_in_time_takes_it_back_and_the_run_never_acts_again(lab: Lab) -> None:
    """The step of the promotion has ended when people read of it; the rollback's own steps are quick here."""
    quick = SEED["rollback"] | {"validation": {"required": True, "steps": ["config-validation"]}}
    lab.commit({"liftgate.json": text(configured(lab, rollback=quick))})
    go = lab.folder / "go"
    smoke = f"while test ! -e {go}; do sleep 0.1; done"
    lab.variables["LIFTGATE_WORKER__COMMANDS"] = json.dumps({"smoke": ["sh", "-c", smoke]})
    lab.variables["LIFTGATE_VERIFY_DEADLINE"] = "3"
    lab.deploy()
    run = lab.start_as("rosa", "promote", application="example-app", to="dev")
    assert eventually(lambda: any(c.trailer(REVERTS) == run for c in lab.commits()), within=60)
    go.touch()
    state = lab.ended(run)
    assert (state["type"], state["name"]) == ("FAILED", "RolledBack")
    assert re.match(r"Rolled back to 1\.4\.1 in \d+ s: .*gave no verdict in time", state["message"])
    assert "gave no verdict in time" in lab.commits()[0].message
    assert (lab.version("dev"), lab.serves("dev")) == ("1.4.1", "1.4.1")
    assert [(e.kind, e.outcome) for e in lab.entries("dev")] == [("rollback", "verified"), ("promote", "rolled back")]
    assert [e.requester for e in lab.entries("dev")] == ["Liftgate (automatic)", "rosa (server)"]
    never_acts_again(lab, run)


def never_acts_again(lab: Lab, run: str) -> None:
    commits = len(lab.commits())
    retry = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": True}
    lab.prefect.call("POST", f"/flow_runs/{run}/set_state", retry)
    assert lab.ended(run)["name"] == "RolledBack"
    assert len(lab.commits()) == commits
    assert len(lab.entries("dev")) == 2


def back(lab: Lab, to: str) -> tuple[str, Any]:
    run = lab.start("rollback", application="example-app", environment="dev", back_to=to)
    return run, lab.ended(run)


@pytest.mark.long
def test_a_worker_that_may_not_push_calls_people_with_the_commands_and_records_what_they_did(lab: Lab) -> None:
    course = course_of(lab)
    first, second = course.past("1.4.2"), course.past("1.4.3")
    lab.town.forge.protect("shop/config", "main", Protection(approvals=1, may_push=("ada",)))
    run, state = back(lab, first)
    assert state["name"] == "Refused"
    good = next(entry.revision for entry in lab.entries("dev") if entry.promotion == first)
    for line in (
        "does not let the worker push",
        f"git restore --source={good} --staged --worktree -- {FILE}",
        "git commit --message 'Roll back example-app in dev to 1.4.2'",
        f"liftgate rollback example-app --in dev --to {first}",
    ):
        assert line in state["message"]
        assert line.replace("'", "") in course.said().replace("\\'", "").replace("'", "")
    assert "<@U01ADA>" in course.said()
    assert eventually(lambda: '"1.4.3"' in str(artifacts(lab, run, "rollback-example-app-dev")), within=30)
    assert run not in {entry.promotion for entry in lab.entries("dev")}
    # Somebody merges it by hand; the same command then verifies and records it.
    lab.commit({FILE: file_at(lab, good)})
    commits = len(lab.commits())
    again, state = back(lab, first)
    assert (state["type"], state["name"]) == ("COMPLETED", "Verified"), state
    assert len(lab.commits()) == commits
    done = next(entry for entry in lab.entries("dev") if entry.promotion == again)
    assert (done.took_back, done.restores) == ((second,), first)
    assert lab.serves("dev") == "1.4.2"
