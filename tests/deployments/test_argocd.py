"""The examples of deployments/argocd: what the command writes today, and what Argo CD's own schemas accept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from liftgate_sandbox.argocd.kube import Object
from liftgate_sandbox.argocd.render.manifests import render

from deployments.argocd.__main__ import FORMS, HERE, RENDERS, values_only, write
from liftgate.cli.folder import Files
from liftgate.demo.repository import ENVIRONMENTS
from liftgate.domain.manifest_rules.check import check_manifests
from liftgate.domain.manifests.seen import Seen

SCHEMAS = Path(__file__).parents[1] / "cases" / "argocd-crds"
CASES = [(render, form) for render in RENDERS for form in FORMS]


def read(render: str, form: str) -> list[Any]:
    folder = HERE / render / form / "argocd"
    return [yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yaml"))]


def problems(document: Any) -> list[str]:
    """By the schema of its kind; what the schema does not name is a problem too."""
    schema = json.loads((SCHEMAS / f"{document['kind'].lower()}.json").read_text())
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(document)]


def test_they_are_what_the_command_writes_today(tmp_path: Path) -> None:
    """After a change: python -m deployments.argocd."""
    write(tmp_path)
    made = dict(Files(tmp_path))
    kept = {path: text for path, text in Files(HERE).items() if path.startswith(RENDERS) or path.endswith(".csv")}
    assert made == kept


@pytest.mark.parametrize(("render", "form"), CASES)
def test_argo_cds_own_schemas_accept_them(render: str, form: str) -> None:
    documents = read(render, form)
    assert len(documents) == (4 if form == "applications" else 2)
    assert [problem for document in documents for problem in problems(document)] == []


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("Application", {"destination": None}),
        ("Application", {"project": None}),
        ("Application", {"syncPolicy": {"automated": {"prune": "yes"}}}),
        ("Application", {"syncPolcy": {}}),
        ("AppProject", {"roles": [{"policies": []}]}),
        ("ApplicationSet", {"generators": None}),
    ],
)
def test_the_schemas_find_what_is_wrong(kind: str, parts: Any) -> None:
    documents = [*read("kustomize", "applications"), *read("kustomize", "applicationset")]
    document = next(each for each in documents if each["kind"] == kind)
    spec = {key: value for key, value in (document["spec"] | parts).items() if value is not None}
    assert problems(document | {"spec": spec})


@pytest.mark.parametrize(("render", "form"), CASES)
def test_their_own_check_finds_nothing(render: str, form: str) -> None:
    folder = HERE / render / form / "argocd"
    assert check_manifests({str(path): path.read_text() for path in folder.glob("*.yaml")}, Seen()) == []


def test_the_readme_names_every_folder_and_the_rights() -> None:
    text = (HERE / "README.md").read_text()
    assert all(f"{render}/{form}" in text for render, form in CASES)
    assert (HERE / "policy.csv").read_text() in text


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_kustomize_mounts_the_environments_own_values(environment: str, tmp_path: Path) -> None:
    rendered = render(repository(tmp_path), {"path": f"configs/{environment}"}, "example-app", "shop")
    found: dict[str, Object] = {each["kind"]: each for each in rendered.manifests}
    name = found["ConfigMap"]["metadata"]["name"]
    assert found["Deployment"]["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] == name
    held = json.loads(found["ConfigMap"]["data"]["values.json"])
    assert held["application"]["environment"]["name"] == environment


def repository(folder: Path) -> dict[str, bytes]:
    """The example repository with what it lacked."""
    values_only(folder)
    return dict(Files(folder)) | dict(Files(HERE / "kustomize" / "applications"))
