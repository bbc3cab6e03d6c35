"""The everyday change, values set in one environment, as a flow of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sandbox_tests.plain import eventually

from tests.flows.faults import fault, heal
from tests.flows.test_kills import PUSH, is_doing
from tests.lab import Lab

pytestmark = pytest.mark.prefect


def test_a_value_is_set_in_one_environment_and_the_outcome_recorded_when_the_forge_is_back(lab: Lab) -> None:
    fault(lab, "argocd", "controller-down")
    changes = {"/application/environment/configs/cache/ttl": 600}
    run = lab.start("update", application="example-app", environment="staging", changes=changes)
    assert eventually(lambda: is_doing(lab, run, "sync"), within=60)
    fault(lab, "forge", "git-503", path=PUSH, times=3)
    heal(lab, "argocd")
    assert lab.ended(run)["name"] == "Promoted"
    assert lab.json("staging")["application"]["environment"]["configs"] == {"cache": {"ttl": 600}}
    (entry,) = lab.entries("staging")
    assert (entry.kind, entry.outcome) == ("update", "promoted")
    assert lab.runs_of("prod") == [], "an update of one environment started the next one"
    assert entry.times.verified is not None
    assert entry.times.finished - entry.times.verified > timedelta(seconds=1), "the first retries of the record"


def test_a_number_that_came_past_the_form_is_refused_by_the_flow(lab: Lab) -> None:
    """A deployment that does not look at its schema takes it, and Prefect can list that run no more."""
    run = lab.start("update", application="example-app", environment="dev", changes={"/application/limit": 2**64})
    try:
        state = lab.ended(run)
        assert (state["name"], "/application/limit" in state["message"]) == ("Refused", True), state
        assert "beyond 2^53" in state["message"]
    finally:
        lab.prefect.call("DELETE", f"/flow_runs/{run}")
