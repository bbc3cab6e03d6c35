"""What is only for people to look at fails no promotion, and what people were shown is brought to its end."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from liftgate.runtime.supervisor import Supervisor
from tests.examples import SEED, text
from tests.flows.chat import messages
from tests.flows.faults import fault
from tests.flows.proxy import failing
from tests.lab import Lab, configured
from tests.worker_program import LabWorker

pytestmark = pytest.mark.prefect


@pytest.mark.long
def test_neither_artifacts_nor_names_nor_messages_that_cannot_be_made_fail_a_promotion(lab: Lab) -> None:
    """The worker's own Prefect makes no artifacts, and ours gives no run another name: that of its release."""
    fault(lab, "slack", "status-503", times=1000)
    by_prefect = failing(lab.prefect.url, fails=b"POST /api/artifacts/")
    by_us = failing(lab.prefect.url, fails=b"PATCH /api/flow_runs/")
    with by_prefect as artifacts, by_us as names, Supervisor(lab.folder / "worker") as supervisor:
        lab.prefect = replace(lab.prefect, pool=f"people{uuid4().hex[:6]}", worker=supervisor.folder)
        lab.variables["LIFTGATE_PREFECT__NAME"] = lab.prefect.pool
        lab.variables["LIFTGATE_PREFECT__API_URL"] = names.url
        supervisor.start(LabWorker(supervisor.folder, replace(lab.prefect.access, url=artifacts.url), lab.prefect.pool))
        lab.deploy()
        run = lab.start("promote", application="example-app", to="dev")
        state = lab.ended(run)
        assert (state["type"], state["name"]) == ("COMPLETED", "Promoted"), state
        assert artifacts.failed >= 3 * 2, "tried again, each of the plan's and the outcome's"
        assert names.failed
        lines = lab.task_logs(run)
    assert [entry.outcome for entry in lab.entries("dev")] == ["promoted"]
    for said in ("the artifact plan-example-app-dev is left out", "the run keeps its name", "people could not be told"):
        assert any(said in line for line in lines), said


def test_a_refusal_after_a_gate_ends_the_message_and_is_recorded(lab: Lab) -> None:
    gated = {"dev": {"approvals": {"needed": 1}}}
    lab.commit({"liftgate.json": text(configured(lab, policy=gated))})
    run = lab.start_as("rosa", "promote", application="example-app", to="dev")
    lab.suspended(run)
    (asked,) = messages(lab)
    assert any(block["type"] == "actions" for block in asked["blocks"])
    fewer = {name: path for name, path in SEED["environments"].items() if name != "dev"}
    lab.commit({"liftgate.json": text(configured(lab, environments=fewer))}, "Dev is no more\n")
    lab.wake(run)
    state = lab.ended(run)
    assert (state["name"], "dev" in state["message"]) == ("Refused", True), state
    (entry,) = lab.entries("dev")
    assert (entry.outcome, entry.promotion, entry.requested_by) == ("refused", run, "rosa")
    assert entry.reason == state["message"]
    (ended,) = messages(lab)
    assert not any(block["type"] == "actions" for block in ended["blocks"])
    assert state["message"] in ended["text"].replace("&quot;", '"')
