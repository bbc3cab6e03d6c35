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
