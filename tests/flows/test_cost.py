"""What a run costs Prefect's server, the forge and Argo CD, as numbers of requests and events, and what its process
does by itself: they bound the processor time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sandbox_tests.plain import eventually, http

from liftgate.runtime import own_settings
from liftgate.runtime.supervisor import Supervisor
from liftgate.settings import from_variables
from tests.examples import text
from tests.lab import WAIT, Lab, configured
from tests.worker_program import NOTED, LabWorker, lend
from tools.bench.counted import counted

pytestmark = pytest.mark.prefect

REQUESTS = 78
"""Of a gated update, from its creation to its end, with those of its worker; without polls."""
EVENTS = 2
"""For each task: its end, and that it runs if it does not end soon."""
FORGE = 20
"""Requests of Liftgate for one run, those of git included: a fetch is two or three, a push two."""
ARGOCD = 20
PARAMETERS = "prefect._internal.pydantic.validated_func"
"""Prefect makes models of the flow's parameters for each run."""
OTHERS = 12
"""Events of artifacts, heartbeats, and the first messages of each connection."""


def test_a_gated_update_sends_no_more_requests_and_events_than_it_did(lab: Lab) -> None:
    lab.commit({"liftgate.json": text(configured(lab, policy={"dev": {"approvals": {"needed": 1}}}))})
    with counted(lab.prefect.url) as way, Supervisor(lab.folder / "worker") as supervisor:
        lab.prefect = replace(lab.prefect, pool=f"cost{uuid4().hex[:6]}", worker=supervisor.folder)
        lab.variables["LIFTGATE_PREFECT__NAME"] = lab.prefect.pool
        supervisor.start(LabWorker(supervisor.folder, replace(lab.prefect.access, url=way.url), lab.prefect.pool))
        lab.variables["LIFTGATE_PREFECT__API_URL"] = way.url
        lab.deploy()
        way.forget()
        before = asked_of(lab)
        asked_for = {"application": "example-app", "environment": "dev", "changes": {"/application/extra": 1}}
        run = lab.start_as("rosa", "update", **asked_for)
        lab.suspended(run)
        lab.vote(run, "ada")
        lab.wake(run)
        assert lab.ended(run)["name"] == "Promoted"
        after = asked_of(lab)
        asked, sent, tasks = way.requests, way.messages["/events/in"], len(lab.tasks(run))
    assert way.without_polls <= REQUESTS, asked
    assert sent <= EVENTS * tasks + OTHERS
    spent = {name: number - before[name] for name, number in after.items()}
    assert spent["forge"] <= FORGE, spent
    assert spent["argocd"] <= ARGOCD, spent


def asked_of(lab: Lab) -> dict[str, int]:
    """Requests that the sandbox's servers got, without those of Argo CD to the forge."""
    counts = {name: http.get(f"{lab.town.urls[name]}/sandbox/requests").json() for name in ("forge", "argocd")}
    return {
        name: sum(number for who, number in count.items() if not who.startswith("argocd "))
        for name, count in counts.items()
    }


def test_a_run_imports_no_module_and_builds_no_model_by_itself(lab: Lab, tmp_path: Path) -> None:
    notes = tmp_path / "notes.json"
    lend(lab.prefect.worker, own_settings.own("worker", from_variables(lab.variables)) | {NOTED: str(notes)})
    run = lab.start_as(
        "rosa", "update", application="example-app", environment="dev", changes={"/application/extra": 1}
    )
    assert lab.ended(run)["name"] == "Promoted"
    assert eventually(notes.exists, within=WAIT)
    new = json.loads(notes.read_text())
    assert new["modules"] == []
    assert [name for name in new["models"] if not name.startswith(PARAMETERS)] == []
