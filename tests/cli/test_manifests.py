"""`liftgate manifests`: from a clone to YAML, to files that replace nothing, and to the mistakes of what there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Folder, Said, git
from tests.domain.manifest_cases import SEED

Liftgate = Callable[..., Said]
URL = "https://git.example.com/shop/config.git"


@pytest.fixture
def manifests(clone: Folder, liftgate: Liftgate) -> Callable[..., Said]:
    """Of a clone that holds values only."""
    git(clone.path, "remote", "add", "origin", URL)
    return lambda *arguments: liftgate("manifests", "--repo", str(clone.path), *arguments)


def documents(said: Said) -> list[Any]:
    assert said.code == 0, said.err
    return list(yaml.safe_load_all(said.out))


def test_the_seed_alone_gives_a_project_and_an_application_for_each_environment(manifests: Liftgate) -> None:
    said = manifests()
    project, *applications = documents(said)
    assert project["metadata"]["name"] == "example-app"
    assert [each["metadata"]["name"] for each in applications] == [
        f"example-app-{name}" for name in ("dev", "staging", "prod")
    ]
    assert {each["spec"]["source"]["repoURL"] for each in applications} == {URL}
    assert "# The repository lacks configs/dev/kustomization.yaml; add it" in said.out


def test_the_names_are_those_of_liftgate_json(manifests: Liftgate, clone: Folder) -> None:
    file = clone.path / "liftgate.json"
    file.write_text(
        file.read_text().rstrip()[:-1] + ', "applications": {"example-app": {"argocd": "x-{environment}"}}}'
    )
    assert [each["metadata"]["name"] for each in documents(manifests())[1:]] == ["x-dev", "x-staging", "x-prod"]


def test_credentials_of_the_clone_never_get_into_a_manifest(manifests: Liftgate, clone: Folder) -> None:
    git(clone.path, "remote", "set-url", "origin", URL.replace("//", "//ada:hunter2@"))
    assert {each["spec"]["source"]["repoURL"] for each in documents(manifests())[1:]} == {URL}


def test_an_environment_without_values_has_no_application(manifests: Liftgate, clone: Folder) -> None:
    (clone.path / "configs/prod/values.json").unlink()
    assert len(documents(manifests())) == 1 + 2


def test_many_applications_share_a_project_of_the_repositorys_name(manifests: Liftgate, clone: Folder) -> None:
    for name in ("shop", "till"):
        clone.put(f"configs/dev/{name}/values.json", b'{"application": {"name": "%s"}}' % name.encode())
    for path in clone.path.glob("configs/*/values.json"):
        path.unlink()
    project, *applications = documents(manifests())
    assert project["metadata"]["name"] == "config"
    assert [each["spec"]["source"]["path"] for each in applications] == ["configs/dev/shop", "configs/dev/till"]


def test_every_option_has_its_place(manifests: Liftgate) -> None:
    said = manifests(
        "--form=applications", "--render=helm", "--repo-url=https://a.example.com/b.git", "--branch=live",
        "--project=p", "--argocd-namespace=gitops", "--destination=shared", "--destination=prod=https://prod.example.com",
        "--namespace={environment}",
    )  # fmt: skip
    project, dev, _, prod = documents(said)
    assert project["metadata"] == {"name": "p", "namespace": "gitops"}
    assert dev["spec"]["source"] == {
        "repoURL": "https://a.example.com/b.git",
        "targetRevision": "live",
        "path": "chart",
        "helm": {"releaseName": "example-app", "valueFiles": ["../configs/dev/values.json"]},
    }
    assert dev["spec"]["destination"] == {"name": "shared", "namespace": "dev"}
    assert prod["spec"]["destination"] == {"server": "https://prod.example.com", "namespace": "prod"}


def test_the_regions_of_an_environment_have_a_cluster_each(manifests: Liftgate, clone: Folder) -> None:
    file = clone.path / "liftgate.json"
    regions = ', "applications": {"example-app": {"argocd": ["{environment}-eu", ["{environment}-us"]]}}}'
    file.write_text(file.read_text().rstrip()[:-1] + regions)
    refused = manifests()
    assert refused.code == 3
    assert "dev-eu, dev-us would all be in the namespace example-app-dev of one cluster" in refused.err
    us = [f"--destination={name}-us=us" for name in ("dev", "staging", "prod")]
    applications = documents(manifests(*us))[1:]
    assert {each["metadata"]["name"]: each["spec"]["destination"].get("name") for each in applications} == {
        "dev-eu": None, "dev-us": "us", "staging-eu": None, "staging-us": "us", "prod-eu": None, "prod-us": "us",
    }  # fmt: skip
    assert "use --form applications" in manifests("--form=applicationset", *us).err


def test_a_chart_that_is_there_is_used_without_being_asked_for(manifests: Liftgate, clone: Folder) -> None:
    clone.put("chart/Chart.yaml", b"name: shop\n")
    said = manifests()
    assert documents(said)[1]["spec"]["source"]["path"] == "chart"
    assert "lacks" not in said.out
    assert documents(manifests("--render=kustomize"))[1]["spec"]["source"]["path"] == "configs/dev"


def test_written_files_replace_nothing_and_what_differs_is_told(manifests: Liftgate, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = manifests("--out", str(out), "--json").data
    assert sorted(first["written"]) == sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    assert {each["path"] for each in first["manifests"]} | {each["path"] for each in first["files"]} == {
        *first["written"]
    }
    (out / "argocd/project.yaml").write_text("mine")
    again = manifests("--out", str(out))
    assert "= argocd/project.yaml (differs; left unchanged: remove it and run this again to replace it)" in again.out
    assert "= argocd/example-app-dev.yaml (left unchanged)" in again.out
    assert (out / "argocd/project.yaml").read_text() == "mine"


def test_after_they_are_written_into_the_repository_nothing_is_lacking(manifests: Liftgate, clone: Folder) -> None:
    manifests("--out", str(clone.path))
    data = manifests("--json").data
    assert data["files"] == []
    written = [str(clone.path / each["path"]) for each in data["manifests"]]
    assert manifests("--check", *written).code == 0


def test_the_mistakes_of_a_manifest_are_named_all_at_once(manifests: Liftgate, tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(SEED)
    said = manifests("--repo-url", "https://github.com/org/config-repo", "--check", str(file), "--json")
    assert said.code == 1
    rules = {each["rule"] for each in said.data["findings"]}
    assert rules == {
        "destination", "project", "placeholder", "one-name", "no-manifests", "repository-secret", "auto-sync",
    }  # fmt: skip
    assert all(each["fix"] and each["place"].startswith(str(file)) for each in said.data["findings"])
    assert "7 findings in 1 file" in manifests("--check", str(file)).out


def test_advice_alone_is_no_failure(manifests: Liftgate, tmp_path: Path) -> None:
    text = manifests("--json").data["manifests"][1]["text"].replace("      selfHeal: true\n", "")
    file = tmp_path / "dev.yaml"
    file.write_text(text)
    manifests("--out", str(tmp_path / "out"))
    said = manifests("--check", str(file), "--json")
    assert [each["blocking"] for each in said.data["findings"] if each["rule"] == "auto-sync"] == [False]


def test_a_manifest_is_checked_without_a_clone_too(
    liftgate: Liftgate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seed.yaml").write_text(SEED)
    said = liftgate("manifests", "--check", "seed.yaml")
    assert said.code == 1
    assert "${env} is literal text" in said.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--check", "nothing.yaml"), 5, "nothing.yaml cannot be read"),
        (("--check", "a.yaml", "--out", "b"), 2, "--check writes nothing"),
        (("--destination", "prd=x"), 3, "no environment or Argo CD Application prd"),
        (("--destination", "prod="), 2, "NAME=CLUSTER"),
        (("--form", "helm"), 2, "applicationset"),
        (("--out", "/dev/null/x"), 5, "cannot be written"),
        (("--project", "Shop"), 3, '"Shop" is no name'),
    ],
)
def test_what_cannot_be_is_one_sentence(arguments: tuple[str, ...], code: int, words: str, manifests: Liftgate) -> None:
    said = manifests(*arguments)
    assert said.code == code
    assert words in said.err


def test_without_an_origin_the_address_is_asked_for(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("manifests", "--repo", str(clone.path))
    assert said.code == 3
    assert "--repo-url" in said.err


def test_a_second_application_goes_into_the_project_that_is_written_already(manifests: Liftgate, clone: Folder) -> None:
    out = ("--out", str(clone.path))
    assert manifests(*out).code == 0
    clone.put("configs/dev/till/values.json", b'{"application": {"name": "till"}}')
    said = manifests(*out)
    till = yaml.safe_load((clone.path / "argocd/till-dev.yaml").read_text())
    assert till["spec"]["project"] == "example-app"
    assert "argocd/project.yaml (differs; left unchanged: remove it and run this again to replace it)" in said.out
    (clone.path / "argocd/project.yaml").unlink()
    assert manifests(*out).code == 0
    project = yaml.safe_load((clone.path / "argocd/project.yaml").read_text())
    assert project["metadata"]["name"] == "example-app"
    assert "till-dev" in {each["namespace"] for each in project["spec"]["destinations"]}
