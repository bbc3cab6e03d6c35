"""A new configuration repository is complete, valid and committed, and never overwrites anything."""

from __future__ import annotations

import json
import os
import pty
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from liftgate import settings
from liftgate.cli.folder import Files
from liftgate.domain import signature
from liftgate.runtime.project import python_path
from liftgate.sandbox.argocd.render.manifests import render
from tests.cli.conftest import Folder, Said, git

Liftgate = Callable[..., Said]
URL = "https://git.example.com/shop/config.git"


@pytest.fixture
def made(tmp_path: Path, liftgate: Liftgate) -> Folder:
    said = liftgate("init", str(tmp_path / "repo"), "--repository", URL, "--people", "ada=ada@example.com,grace")
    assert said.code == 0, said.err
    return Folder(tmp_path / "repo")


@pytest.fixture(autouse=True)
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ada is who git says she is, by the returned file; no hook or template of the machine's user is obeyed."""
    file = tmp_path / "gitconfig"
    file.write_text("[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(file))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    return file


def test_what_it_makes_is_valid_committed_and_can_be_planned(made: Folder, liftgate: Liftgate) -> None:
    assert liftgate("validate", "--repo", str(made.path)).code == 0
    assert git(made.path, "status", "--porcelain") == ""
    assert git(made.path, "log", "--format=%an %s") == "Ada Lovelace Configuration repository of example-app"
    assert git(made.path, "remote", "get-url", "origin") == URL
    assert liftgate("plan", "example-app", "--to", "prod", "--repo", str(made.path)).code == 0


def test_the_last_environments_overlay_holds(made: Folder, liftgate: Liftgate) -> None:
    path = made.path / "configs/prod/values.json"
    path.write_text(path.read_text().replace('"info"', '"debug"'))
    assert liftgate("validate", "--repo", str(made.path)).code == 1


def test_the_private_keys_are_outside_private_and_those_the_repository_allows(made: Folder) -> None:
    signers = signature.read_allowed((made.path / ".liftgate/allowed_signers").read_text())
    for signer, name in zip(signers, ("worker_key", "gatehouse_key"), strict=True):
        path = made.path.parent / "repo-keys" / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert signature.public_bytes(signature.read_private_key(path.read_text(), name)) == signer.key
    assert [signer.namespaces for signer in signers] == [
        ("git", "liftgate-ledger"), ("liftgate-vote", "liftgate-drift"),
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
    assert f"there are keys in {tmp_path / 'other-keys'} already" in refused.err
    said = liftgate("init", str(tmp_path / "other"), "--keys", str(tmp_path / "other-keys"))
    assert (said.code, "takes the keys that are in" in said.err) == (0, True)
    names = [folder / ".liftgate/allowed_signers" for folder in (made.path, tmp_path / "other")]
    assert names[0].read_text() == names[1].read_text()


def test_the_paths_of_the_keys_are_right_after_going_there(
    tmp_path: Path, liftgate: Liftgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = liftgate("init", "my config").out
    exports = [line for line in printed.splitlines() if line.startswith("export ") and "SIGNING_KEY" in line]
    shell = "\n".join(
        ['cd "my config"', *exports, 'test -f "$LIFTGATE_WORKER__SIGNING_KEY" -a -f "$LIFTGATE_GATEHOUSE__SIGNING_KEY"']
    )
    assert subprocess.run(["sh", "-ec", shell], check=False).returncode == 0, printed


def test_every_variable_that_a_promotion_and_its_approval_need_is_listed(made: Folder, liftgate: Liftgate) -> None:
    data = liftgate("init", str(made.path), "--json").data
    assert data["variables"] == {
        "LIFTGATE_REPOSITORY__URL": URL,
        "LIFTGATE_REPOSITORY__TOKEN": "",
        "LIFTGATE_FORGE__KIND": "git",
        "LIFTGATE_ARGOCD__URL": "",
        "LIFTGATE_ARGOCD__TOKEN": "",
        "LIFTGATE_ARGOCD__PROJECT": "example-app",
        "LIFTGATE_WORKER__SIGNING_KEY": str(made.path.parent / "repo-keys/worker_key"),
        "LIFTGATE_GATEHOUSE__SIGNING_KEY": str(made.path.parent / "repo-keys/gatehouse_key"),
        "LIFTGATE_PREFECT__API_URL": "http://127.0.0.1:4200/api",
        "LIFTGATE_GATEHOUSE__URL": "http://127.0.0.1:8080",
    }
    assert settings.unknown(data["variables"]) == []


def test_the_people_who_may_approve_are_written(made: Folder, tmp_path: Path, liftgate: Liftgate) -> None:
    written = json.loads((made.path / "liftgate.json").read_text())
    assert written["people"] == {"ada": {"email": "ada@example.com"}, "grace": {}}
    said = liftgate("init", str(tmp_path / "other"), "--json")
    alone = json.loads((tmp_path / "other/liftgate.json").read_text())
    assert alone["people"] == {"ada": {"email": "ada@example.com"}}, "as git knows her"
    assert any("may not approve it" in step for step in said.data["next"])


def test_without_an_address_there_is_no_placeholder_and_later_there_is_all(tmp_path: Path, liftgate: Liftgate) -> None:
    first = liftgate("init", str(tmp_path / "repo"), "--json").data
    assert not (tmp_path / "repo/argocd").exists()
    assert "git remote add origin ADDRESS" in first["next"]
    git(tmp_path / "repo", "remote", "add", "origin", URL)
    then = liftgate("init", str(tmp_path / "repo"), "--json").data
    project = yaml.safe_load((tmp_path / "repo/argocd/project.yaml").read_text())
    assert project["spec"]["sourceRepos"] == [URL]
    add, commit = (shlex.split(step) for step in then["next"][1:3])
    assert set(add[4:]) == set(then["written"])
    assert then["commit"] == ""
    for words in (add, commit):
        git(tmp_path / "repo", *words[1:])
    assert git(tmp_path / "repo", "status", "--porcelain") == ""


def test_an_empty_clone_gets_its_first_commit_on_the_branch_it_has(tmp_path: Path, liftgate: Liftgate) -> None:
    git(tmp_path, "init", "-q", "--bare", "-b", "trunk", "remote.git")
    git(tmp_path, "clone", "-q", str(tmp_path / "remote.git"), "repo")
    (tmp_path / "repo/mine.txt").write_text("not yours to commit")
    said = liftgate("init", str(tmp_path / "repo"), "--json")
    assert git(tmp_path / "repo", "status", "--porcelain") == "?? mine.txt"
    assert "git push -u origin trunk" in said.data["next"]
    assert said.data["variables"]["LIFTGATE_REPOSITORY__BRANCH"] == "trunk"
    application = yaml.safe_load((tmp_path / "repo/argocd/example-app-dev.yaml").read_text())
    assert application["spec"]["source"]["targetRevision"] == "trunk"
    assert application["spec"]["source"]["repoURL"] == str(tmp_path / "remote.git")


def test_where_git_does_not_know_the_author_the_first_commit_is_ours_and_that_is_said(
    ada: Path, tmp_path: Path, liftgate: Liftgate
) -> None:
    ada.write_text("[user]\n\tuseConfigOnly = true\n")
    said = liftgate("init", str(tmp_path / "repo"), "--json")
    assert "git does not know who you are" in said.err
    assert git(tmp_path / "repo", "log", "--format=%an %h") == f"Liftgate {said.data['commit']}"


def test_where_the_commit_fails_the_commands_are_said(ada: Path, tmp_path: Path, liftgate: Liftgate) -> None:
    with ada.open("a") as file:
        file.write("[commit]\n\tgpgsign = true\n[gpg]\n\tprogram = /nowhere\n")
    said = liftgate("init", str(tmp_path / "repo"), "--json")
    assert (said.code, said.data["commit"]) == (0, "")
    assert [step.split()[:2] for step in said.data["next"][1:3]] == [["git", "add"], ["git", "commit"]]


@pytest.mark.parametrize("has_file", [True, False], ids=["with liftgate.json", "with values alone"])
def test_a_repository_with_an_application_gets_none_of_another_name(
    has_file: bool, tmp_path: Path, liftgate: Liftgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = tmp_path / "repo"
    liftgate("init", str(repo), "--application", "shop")
    if not has_file:
        git(repo, "rm", "-q", "liftgate.json")
    before = {path for path in repo.rglob("*") if ".git" not in path.parts}
    refused = liftgate("init", str(repo), "--application", "billing", "--repository", URL)
    assert (refused.code, "init adds no other application" in refused.err) == (3, True)
    assert {path for path in repo.rglob("*") if ".git" not in path.parts} == before
    monkeypatch.chdir(repo)
    said = liftgate("init", ".", "--repository", URL, "--json")
    assert said.code == 0, said.err
    assert not [path for path in repo.rglob("*example-app*") if ".git" not in path.parts]
    assert (repo / "argocd/shop-prod.yaml").exists()


def test_environments_of_its_own_stay_those_of_the_repository(tmp_path: Path, liftgate: Liftgate) -> None:
    repo = tmp_path / "repo"
    liftgate("init", str(repo), "--environments", "test, live", "--repository", URL)
    again = liftgate("init", str(repo), "--json")
    assert (again.code, again.data["written"]) == (0, [])
    refused = liftgate("init", str(repo), "--environments", "dev,live")
    assert (refused.code, "test,live" in refused.err) == (3, True)


def test_on_a_terminal_it_asks_for_address_and_people(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "liftgate.cli.main", "init", str(tmp_path / "repo")]
    environment = {**os.environ, "PYTHONPATH": python_path()}
    with subprocess.Popen(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, env=environment) as init:
        os.close(theirs)
        asked = read_until(ours, b"(empty: later): ")
        os.write(ours, f"{URL}\n".encode())
        asked += read_until(ours, b"[ada=ada@example.com]: ")
        os.write(ours, b"rosa=rosa@example.com, grace\n")
        assert init.wait(60) == 0, asked
    os.close(ours)
    written = json.loads((tmp_path / "repo/liftgate.json").read_text())
    assert written["people"] == {"rosa": {"email": "rosa@example.com"}, "grace": {}}
    assert git(tmp_path / "repo", "remote", "get-url", "origin") == URL


def read_until(terminal: int, words: bytes) -> bytes:
    seen = b""
    while words not in seen:
        seen += os.read(terminal, 1024)
    return seen


def test_credentials_in_the_address_come_into_no_file(tmp_path: Path, liftgate: Liftgate) -> None:
    said = liftgate("init", str(tmp_path / "repo"), "--repository", "https://ada:hunter2@git.example.com/shop.git")
    assert (said.code, (tmp_path / "repo").exists()) == (3, False)
    assert "hunter2" not in said.err
    assert "LIFTGATE_REPOSITORY__TOKEN" in said.err


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
