"""The everyday change: values set in one environment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.flows.faults import fault, heal
from tests.flows.test_kills import PUSH, is_doing
from tests.lab import Lab
from tests.prefect_server import eventually

pytestmark = pytest.mark.prefect

TTL = "/application/environment/configs/cache/ttl"


def test_a_value_is_set_in_one_environment_and_verified(lab: Lab) -> None:
    run = lab.start("update", application="example-app", environment="staging", changes={TTL: 600})
    state = lab.ended(run)
    assert state["name"] == "Promoted"
    assert lab.json("staging")["application"]["environment"]["configs"] == {"cache": {"ttl": 600}}
    (entry,) = lab.entries("staging")
    assert (entry.kind, entry.outcome) == ("update", "promoted")
    assert lab.runs_of("prod") == [], "an update of one environment started the next one"


def test_verified_is_when_the_steps_had_passed_however_long_it_takes_to_write_that_down(lab: Lab) -> None:
    fault(lab, "argocd", "controller-down")
    run = lab.start("update", application="example-app", environment="dev", changes={TTL: 600})
    assert eventually(lambda: is_doing(lab, run, "sync"), within=60)
    fault(lab, "forge", "git-503", path=PUSH, times=3)
    heal(lab, "argocd")
    assert lab.ended(run)["name"] == "Promoted"
    (entry,) = lab.entries("dev")
    assert entry.times.verified is not None
    assert entry.times.finished - entry.times.verified > timedelta(seconds=1), "the first retries of the record"


def test_null_removes_a_value(lab: Lab) -> None:
    lab.ended(lab.start("update", application="example-app", environment="dev", changes={TTL: 600}))
    lab.ended(lab.start("update", application="example-app", environment="dev", changes={TTL: None}))
    assert lab.json("dev")["application"]["environment"]["configs"]["cache"] == {}


def test_an_update_of_prod_waits_like_everything_else(lab: Lab) -> None:
    run = lab.start_as("rosa", "update", application="example-app", environment="prod", changes={TTL: 600})
    lab.suspended(run)
    lab.vote(run, "ada")
    lab.wake(run)
    assert lab.ended(run)["name"] == "Promoted"
    assert lab.json("prod")["application"]["environment"]["configs"]["cache"]["ttl"] == 600


def test_a_secret_in_plain_text_is_refused_and_not_shown(lab: Lab) -> None:
    pointer = "/application/environment/configs/password"
    changes = {pointer: "hunter2-Secret-9000"}
    run = lab.start("update", application="example-app", environment="dev", changes=changes)
    state = lab.ended(run)
    assert state["name"] == "Refused"
    assert "hunter2" not in state["message"]
    assert "hunter2" not in str(lab.logs(run))
