"""A new configuration repository is complete, valid, and never overwrites anything."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from liftgate.cli.folder import Files
from liftgate.domain import signature
from liftgate.sandbox.argocd.render.manifests import render
from tests.cli.conftest import Folder, Said, git

Liftgate = Callable[..., Said]


@pytest.fixture
def made(tmp_path: Path, liftgate: Liftgate) -> Folder:
    said = liftgate("init", str(tmp_path / "repo"), "--repo-url", "https://git.example.com/shop/config.git")
    assert said.code == 0, said.err
    return Folder(tmp_path / "repo")


def test_what_it_makes_is_valid_and_can_be_planned(made: Folder, liftgate: Liftgate) -> None:
    assert liftgate("validate", "--repo", str(made.path)).code == 0
    git(made.path, "init", "-q", "-b", "main")
    made.commit()
    assert liftgate("plan", "example-app", "--to", "prod", "--repo", str(made.path)).code == 0


def test_the_last_environments_overlay_holds(made: Folder, liftgate: Liftgate) -> None:
    path = made.path / "configs/prod/values.json"
    path.write_text(path.read_text().replace('"info"', '"debug"'))
    assert liftgate("validate", "--repo", str(made.path)).code == 1


def test_the_private_keys_are_outside_private_and_those_the_repository_allows(made: Folder) -> None:
    signers = signature.read_allowed((made.path / ".liftgate/allowed_signers").read_text())
    for signer, name in zip(signers, ("worker_key", "gatehouse_key"), strict=True):
        path = made.path.parent / "liftgate-keys" / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert signature.public_bytes(signature.read_private_key(path.read_text(), name)) == signer.key
    assert [signer.namespaces for signer in signers] == [
        ("git", "liftgate-ledger"), ("liftgate-vote", "liftgate-drift"),
    ]  # fmt: skip


def test_again_it_changes_nothing_and_lists_what_there_is(made: Folder, liftgate: Liftgate) -> None:
    mine = made.path / "liftgate.json"
    mine.write_text("mine")
    said = liftgate("init", str(made.path), "--json")
    assert said.data["written"] == []
    assert "liftgate.json" in said.data["kept"]
    assert mine.read_text() == "mine"


def test_keys_that_exist_are_used_again(made: Folder, liftgate: Liftgate, tmp_path: Path) -> None:
    liftgate("init", str(tmp_path / "other"))
    names = [folder / ".liftgate/allowed_signers" for folder in (made.path, tmp_path / "other")]
    assert names[0].read_text() == names[1].read_text()


def test_keys_inside_the_repository_are_refused(tmp_path: Path, liftgate: Liftgate) -> None:
    said = liftgate("init", str(tmp_path / "repo"), "--keys", str(tmp_path / "repo/keys"))
    assert said.code == 3
    assert not (tmp_path / "repo/keys").exists()


@pytest.mark.parametrize("name", ["Shop", "shop_app", "-shop", "shop\nkind: Secret"])
def test_a_name_that_kubernetes_would_not_take_is_refused(name: str, tmp_path: Path, liftgate: Liftgate) -> None:
    said = liftgate("init", str(tmp_path / "repo"), f"--application={name}")
    assert said.code == 3
    assert "no name for Kubernetes" in said.err


def test_the_argo_cd_manifests_say_everything_that_is_required(made: Folder) -> None:
    project = yaml.safe_load((made.path / "argocd/project.yaml").read_text())
    allowed = {each["namespace"] for each in project["spec"]["destinations"]}
    assert project["spec"]["roles"][0]["policies"] == [
        "p, proj:example-app:promoter, applications, get, example-app/*, allow",
        "p, proj:example-app:promoter, applications, sync, example-app/*, allow",
        "p, proj:example-app:promoter, logs, get, example-app/*, allow",
    ]
    for name in ("dev", "staging", "prod"):
        application = yaml.safe_load((made.path / f"argocd/example-app-{name}.yaml").read_text())
        spec = application["spec"]
        assert spec["project"] == project["metadata"]["name"]
        assert spec["source"]["repoURL"] in project["spec"]["sourceRepos"]
        assert spec["destination"]["namespace"] in allowed
        assert spec["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
        assert (made.path / spec["source"]["path"] / "kustomization.yaml").exists()


def test_kustomize_renders_every_environment_and_a_change_is_a_rollout(made: Folder) -> None:
    """By the sandbox's renderer, which is held against recordings of the real one."""

    def names(environment: str) -> tuple[str, str]:
        folder = f"configs/{environment}"
        rendered = render(dict(Files(made.path)), {"path": folder}, "example-app", environment)
        assert rendered.source_type == "Kustomize"
        found = {each["kind"]: each for each in rendered.manifests}
        volume = found["Deployment"]["spec"]["template"]["spec"]["volumes"][0]
        annotations = found["ConfigMap"]["metadata"]["annotations"]
        assert annotations["argocd.argoproj.io/compare-options"] == "IgnoreExtraneous"
        assert annotations["argocd.argoproj.io/sync-options"] == "Prune=false"
        return found["ConfigMap"]["metadata"]["name"], volume["configMap"]["name"]

    for environment in ("dev", "staging", "prod"):
        before = names(environment)
        path = made.path / f"configs/{environment}/values.json"
        path.write_text(path.read_text().replace('"replicas": 1', '"replicas": 2'))
        after = names(environment)
        assert before[0] == before[1]
        assert after[0] == after[1]
        assert before != after
