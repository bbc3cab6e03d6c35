"""A new configuration repository is complete, valid and committed, and never overwrites anything."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml
from liftgate_sandbox.argocd.render.manifests import render

from liftgate.cli.folder import Files
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from tests.cli.conftest import REPOSITORY_URL, Folder, Said, git

pytestmark = pytest.mark.usefixtures("gitconfig")
Liftgate = Callable[..., Said]


def test_what_it_makes_is_valid_committed_and_can_be_planned(made: Folder, liftgate: Liftgate) -> None:
    assert liftgate("validate", "--repo", str(made.path)).code == 0
    assert git(made.path, "status", "--porcelain") == ""
    assert git(made.path, "log", "--format=%an %s") == "Ada Lovelace Configuration repository of example-app"
    assert git(made.path, "remote", "get-url", "origin") == REPOSITORY_URL
    assert liftgate("plan", "example-app", "--to", "prod", "--repo", str(made.path)).code == 0


def test_an_editor_finds_the_schema_of_its_liftgate_json(made: Folder) -> None:
    document = json.loads((made.path / "liftgate.json").read_text())
    jsonschema.validate(document, json.loads((made.path / document["$schema"]).read_text()))


def test_the_last_environments_overlay_holds(made: Folder, liftgate: Liftgate) -> None:
    path = made.path / "configs/prod/values.json"
    path.write_text(path.read_text().replace('"info"', '"debug"'))
    assert liftgate("validate", "--repo", str(made.path)).code == 1


def test_the_private_keys_are_outside_private_and_those_the_repository_allows(made: Folder) -> None:
    signers = read_allowed((made.path / ".liftgate/allowed_signers").read_text())
    for signer, name in zip(signers, ("worker_key", "server_key"), strict=True):
        path = made.path.parent / "repo-keys" / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert signature.public_bytes(signature.read_private_key(path.read_text(), name)) == signer.key
    assert [signer.namespaces for signer in signers] == [
        ("git", "liftgate-ledger", "liftgate-run"), ("liftgate-vote", "liftgate-drift"),
    ]  # fmt: skip


def test_again_it_changes_nothing_and_lists_what_there_is(made: Folder, liftgate: Liftgate) -> None:
    mine = made.path / "liftgate.json"
    changed = mine.read_text().replace("ada@", "ada.l@")
    mine.write_text(changed)
    said = liftgate("init", str(made.path), "--json")
    assert (said.data["written"], said.data["commit"]) == ([], "")
    assert "liftgate.json" in said.data["kept"]
    assert mine.read_text() == changed
    assert said.data["keys"] == str(made.path.parent / "repo-keys"), "they are still those that the repository allows"


def test_two_repositories_beside_each_other_have_keys_of_their_own(
    made: Folder, liftgate: Liftgate, tmp_path: Path
) -> None:
    assert liftgate("init", str(tmp_path / "other")).code == 0
    names = [folder / ".liftgate/allowed_signers" for folder in (made.path, tmp_path / "other")]
    assert names[0].read_text() != names[1].read_text()


def test_keys_of_another_are_taken_only_where_they_are_named_and_that_is_said(
    made: Folder, liftgate: Liftgate, tmp_path: Path
) -> None:
    theirs = tmp_path / "repo-keys"
    theirs.rename(tmp_path / "other-keys")
    refused = liftgate("init", str(tmp_path / "other"))
    assert (refused.code, (tmp_path / "other").exists()) == (3, False)
    assert f"{tmp_path / 'other-keys'} already has keys" in refused.err
    said = liftgate("init", str(tmp_path / "other"), "--keys", str(tmp_path / "other-keys"))
    assert (said.code, "using the keys in" in said.err) == (0, True)
    names = [folder / ".liftgate/allowed_signers" for folder in (made.path, tmp_path / "other")]
    assert names[0].read_text() == names[1].read_text()


def test_the_paths_of_the_keys_are_right_after_going_there(
    tmp_path: Path, liftgate: Liftgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = liftgate("init", "my config").out
    exports = [line for line in printed.splitlines() if line.startswith("export ") and "SIGNING_KEY" in line]
    shell = "\n".join(
        ['cd "my config"', *exports, 'test -f "$LIFTGATE_WORKER__SIGNING_KEY" -a -f "$LIFTGATE_SERVER__SIGNING_KEY"']
    )
    assert subprocess.run(["sh", "-ec", shell], check=False).returncode == 0, printed


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
        assert annotations["argocd.argoproj.io/sync-options"] == "PruneLast=true"
        return found["ConfigMap"]["metadata"]["name"], volume["configMap"]["name"]

    for environment in ("dev", "staging", "prod"):
        before = names(environment)
        path = made.path / f"configs/{environment}/values.json"
        path.write_text(path.read_text().replace('"replicas": 1', '"replicas": 2'))
        after = names(environment)
        assert before[0] == before[1]
        assert after[0] == after[1]
        assert before != after
