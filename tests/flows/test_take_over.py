"""People merge and push by hand: end to end, with real git over HTTP, the forge, Argo CD, the chat and Prefect."""

from __future__ import annotations

import pytest

from liftgate.integrations.runs.prefect import Prefect
from liftgate.services.take_overs import TakeOvers
from liftgate.wiring import Integrations
from tests.examples import text
from tests.lab import Lab, configured, settings_of
from tests.services.by_hand import approve, hand_of, merge, propose, push

pytestmark = [pytest.mark.prefect, pytest.mark.long]


def take_over(lab: Lab, commit: str) -> str:
    """The state in which the run of this commit ends, after a server looked."""
    at = Integrations(settings_of(lab))
    at.git.fetch()
    (hand,) = TakeOvers(at).look()
    assert hand == hand_of(commit)
    assert isinstance(at.runs, Prefect)
    (run,) = [run for run in at.runs.find(flows=("take-over",)).runs if run.parameters["commit"] == commit]
    assert TakeOvers(Integrations(settings_of(lab))).look() == [hand], "another server finds the same"
    assert len([each for each in at.runs.find(flows=("take-over",)).runs if each.parameters["commit"] == commit]) == 1
    return str(lab.ended(run.id)["name"])


def test_a_merge_is_verified_a_bad_one_rolled_back_and_a_push_past_the_gate_recorded_as_bypassed(lab: Lab) -> None:
    assert lab.ended(lab.start("promote", application="example-app", to="dev"))["name"] == "Promoted"
    policy = {"dev": {"approvals": {"needed": 1, "from": ["ada", "grace"]}}, "staging": {"start": "manual"}}
    lab.commit({"liftgate.json": text(configured(lab, policy=policy))})

    good = propose(lab, cache={"ttl": 600})
    approve(lab, good, "grace")
    assert take_over(lab, merge(lab, good)) == "Promoted"
    verified = lab.entries("dev")[-1]
    assert verified.sentence.endswith(" s. Merged by hand by ada.")
    assert (verified.bypassed, verified.by_hand and verified.by_hand.reviewers) == ((), ("grace",))

    values = lab.json("dev")
    bad = propose(lab, version="1.5.0")
    approve(lab, bad, "grace")
    assert take_over(lab, merge(lab, bad)) == "RolledBack"
    assert (lab.json("dev"), lab.serves("dev")) == (values, "1.4.2")
    back, broke = lab.entries("dev")[-2:]
    assert (back.kind, back.good, back.reverts, broke.outcome) == ("rollback", True, broke.promotion, "rolled back")

    pushed = push(lab, cache={"ttl": 900})
    assert take_over(lab, pushed) == "Promoted"
    bypassed = lab.entries("dev")[-1]
    assert "approval" in bypassed.bypassed[0]
    said = [str(each.blocks) for each in lab.town.slack.store.state.messages]
    assert len([each for each in said if "⚠️ Pushed by hand by ada. Bypassed: " in each]) == 1
    assert len(lab.entries("dev")) == 5
