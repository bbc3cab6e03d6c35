"""What is wrong is said in one sentence in the run's state, and nothing is changed."""

from __future__ import annotations

import pytest

from tests.lab import Lab

pytestmark = pytest.mark.prefect


def test_an_unknown_environment_names_the_nearest_and_a_control_character_its_place(lab: Lab) -> None:
    state = lab.ended(lab.start("promote", application="example-app", to="prd"))
    assert state["type"] == "FAILED"
    assert state["name"] == "Refused"
    assert state["message"] == 'there is no environment "prd"; did you mean "prod"?'
    before = lab.commits()
    changes = {"/application/environment/configs/cache/ttl": 600}
    reason = "because\x1eof it"
    state = lab.ended(lab.start("update", application="example-app", environment="dev", changes=changes, reason=reason))
    assert state["name"] == "Refused"
    assert state["message"] == "reason: character 8 is a control character (U+001E); write plain text"
    assert lab.commits() == before


def test_skipping_an_environment_is_refused_with_the_way_out(lab: Lab) -> None:
    state = lab.ended(lab.start("promote", application="example-app", to="prod", release="1.4.2"))
    assert "is not verified in staging" in state["message"]
    assert "promote it to staging first" in state["message"]


def test_a_number_that_came_past_the_form_is_refused_by_the_flow(lab: Lab) -> None:
    """A deployment that does not look at its schema takes it, and Prefect can list that run no more."""
    run = lab.start("update", application="example-app", environment="dev", changes={"/application/limit": 2**64})
    try:
        state = lab.ended(run)
        assert (state["name"], "/application/limit" in state["message"]) == ("Refused", True), state
        assert "beyond 2^53" in state["message"]
    finally:
        lab.prefect.call("DELETE", f"/flow_runs/{run}")
