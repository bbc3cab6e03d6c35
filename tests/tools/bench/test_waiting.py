"""A run that the bench sets up as waiting is what the flow leaves when it waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liftgate.integrations.runs.run import Run
from liftgate.services.approvals import PendingApproval, pending_approval
from liftgate.wiring import Integrations
from tests.examples import text
from tests.flows.conftest import opened
from tests.lab import Lab, configured, settings_of
from tests.prefect_server import PrefectApi
from tools.bench.waiting import Waiting

pytestmark = pytest.mark.prefect
DIFFERS = {"id", "since", "created"}


@pytest.fixture
def lab(tmp_path: Path, prefect_api: PrefectApi) -> Iterator[Lab]:
    with opened(tmp_path, prefect_api) as lab:
        yield lab


def test_it_has_the_state_the_notes_and_the_decision_of_the_one_that_the_flow_suspended(lab: Lab) -> None:
    lab.commit({"liftgate.json": text(configured(lab, policy={"dev": {"approvals": {"needed": 1}}}))})
    at = Integrations(settings_of(lab))
    run = lab.start_as("rosa", "promote", application="example-app", to="dev")
    lab.suspended(run)
    at.git.fetch()

    def ask(path: str, body: Any) -> Any:
        return lab.prefect.call("POST", path, body)

    made = Waiting(at, ask, lab.prefect.read(run)).again("example-app")
    of_the_flow, set_up = (at.runs.read(each) for each in (run, made))
    assert of_the_flow is not None
    assert set_up is not None
    assert set_up.model_dump(exclude=DIFFERS) == of_the_flow.model_dump(exclude=DIFFERS)
    assert at.runs.inputs(made).keys() == at.runs.inputs(run).keys()
    assert decided(at, set_up) == decided(at, of_the_flow)
    assert lab.prefect.runs.resume(made, {"approved": True}), "it can be woken"


def decided(at: Integrations, run: Run) -> dict[str, Any]:
    found: PendingApproval = pending_approval(at, at.latest, run)
    assert found.requester.proven
    assert found.decision.waits
    return found.model_dump(exclude={"run": True, "decision": {"until"}})
