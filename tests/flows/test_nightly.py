"""The nightly promotion of all applications, and Prefect's own scheduler behind it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.examples import SEED, text, values
from tests.flows.artifacts import artifacts
from tests.flows.chat import messages
from tests.lab import DEPLOYMENT, Lab

pytestmark = pytest.mark.prefect

KUSTOMIZATION = (
    "resources: [../../../manifests/{name}]\n"
    "configMapGenerator: [{{name: {name}-config, files: [values.json]}}]\n"
    "generatorOptions: {{disableNameSuffixHash: true}}\n"
)


def test_nightly_promotes_the_newest_base_to_dev_and_it_goes_on_from_there(lab: Lab) -> None:
    run = lab.start_as("rosa", "nightly")
    state = lab.ended(run)
    assert (state["type"], state["message"]) == ("COMPLETED", "dev: 1 promoted")
    assert lab.ended_chain("staging")["name"] == "Promoted"
    assert lab.version("staging") == "1.4.2"
    assert [entry.requested_by for entry in lab.entries("dev")] == ["rosa"]


@pytest.mark.long
def test_one_broken_application_stops_no_other_and_there_is_one_summary(lab: Lab) -> None:
    add_applications(lab)
    first = lab.start("nightly", limit=1)
    state = lab.ended(first)
    assert state["name"] == "Incomplete"
    assert state["message"].startswith("dev: 2 promoted, 1 failed, 1 not started; broken: ")
    assert "configs/dev/lost/values.json: /application/name is missing" in state["message"]
    assert (lab.version("dev"), billing(lab)["application"]["version"]) == ("1.4.2", "2.0.1")
    second = lab.ended(lab.start("nightly"))
    assert second["message"].startswith("dev: 2 nothing to do, 1 failed, 1 not started; ")
    told = [message for message in messages(lab) if message["text"].startswith("nightly → dev")]
    assert [message["text"].partition("→ dev: ")[2][:11] for message in told] == ["❌ dev: 2 no", "❌ dev: 2 pr"]
    tables = artifacts(lab, first, "nightly")
    assert len(tables) == 1
    assert "| billing | promoted |" in tables[0]


def test_a_limit_that_lets_nothing_run_is_refused(lab: Lab) -> None:
    state = lab.ended(lab.start("nightly", limit=0))
    assert (state["name"], state["message"]) == ("Refused", "limit must be at least 1: nothing could run")


def add_applications(lab: Lab) -> None:
    """Beside `example-app`: `billing` in the layout for many, `broken` with a version that is none, and a lost file."""
    files: dict[str, bytes | None] = {"liftgate.json": text(SEED | {"policy": {"staging": {"start": "manual"}}})}
    for name in ("billing", "broken"):
        files[f"manifests/{name}/kustomization.yaml"] = b"resources: [deployment.yaml]\n"
        manifest = DEPLOYMENT.replace("example-app", name).replace("environment-config", f"{name}-config")
        files[f"manifests/{name}/deployment.yaml"] = manifest.encode()
        version = "2.0.1" if name == "billing" else "not a version"
        files[f"configs/base/{name}/values.json"] = text(named(name, "base", version))
        for environment in ("dev", "staging", "prod"):
            files[f"configs/{environment}/{name}/values.json"] = text(named(name, environment, "2.0.0"))
            files[f"configs/{environment}/{name}/kustomization.yaml"] = KUSTOMIZATION.format(name=name).encode()
    files["configs/dev/lost/values.json"] = b"{}\n"
    lab.commit(files, "Two more applications\n")
    for name in ("billing", "broken"):
        lab.town.deploy(name, name)


def named(name: str, environment: str, version: str) -> dict[str, Any]:
    made = values(environment, version)
    return made | {"application": made["application"] | {"name": name}}


def billing(lab: Lab) -> Any:
    mirror = lab.mirror("reader")
    file = mirror.file(mirror.fetch(), "configs/dev/billing/values.json")
    assert file is not None
    return json.loads(file.data)
