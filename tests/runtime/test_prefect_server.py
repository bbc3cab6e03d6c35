"""A real server with a real worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prefect_server import PrefectApi

FLOWS = "tests.runtime.flows_fixture.simple"

pytestmark = pytest.mark.prefect


def test_a_flow_is_run_by_the_worker(prefect_api: PrefectApi) -> None:
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.quick"), number=4)
    assert prefect_api.wait_for(run, "Completed", "Failed", "Crashed")["state"]["name"] == "Completed"


def test_a_gate_suspends_and_an_answer_lets_the_run_go_on(prefect_api: PrefectApi, tmp_path: Path) -> None:
    note = tmp_path / "note"
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.gated"), note=str(note))
    prefect_api.wait_for(run, "Suspended")
    assert prefect_api.resume(run, approved=True)["status"] == "ACCEPT"
    prefect_api.wait_for(run, "Completed")
    assert note.read_text().splitlines() == ["before", "before", "approved True"]
