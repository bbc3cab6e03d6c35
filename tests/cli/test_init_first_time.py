"""`liftgate init` the first time: address, branch, people, author and keys, and what a repository has already."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from liftgate import settings
from liftgate.runtime.project import python_path
from tests.cli.conftest import REPOSITORY_URL, Folder, Said, git

pytestmark = pytest.mark.usefixtures("gitconfig")
Liftgate = Callable[..., Said]


def test_every_variable_that_a_promotion_and_its_approval_need_is_listed(made: Folder, liftgate: Liftgate) -> None:
    data = liftgate("init", str(made.path), "--json").data
    assert data["variables"] == {
        "LIFTGATE_REPOSITORY__URL": REPOSITORY_URL,
        "LIFTGATE_REPOSITORY__TOKEN": "",
        "LIFTGATE_FORGE__KIND": "git",
        "LIFTGATE_ARGOCD__URL": "",
        "LIFTGATE_ARGOCD__TOKEN": "",
        "LIFTGATE_ARGOCD__PROJECT": "example-app",
        "LIFTGATE_WORKER__SIGNING_KEY": str(made.path.parent / "repo-keys/worker_key"),
        "LIFTGATE_SERVER__SIGNING_KEY": str(made.path.parent / "repo-keys/server_key"),
        "LIFTGATE_PREFECT__API_URL": "http://127.0.0.1:4200/api",
        "LIFTGATE_SERVER__URL": "http://127.0.0.1:8080",
    }
    assert settings.unknown(data["variables"]) == []


def test_the_people_who_may_approve_are_written(made: Folder, tmp_path: Path, liftgate: Liftgate) -> None:
    written = json.loads((made.path / "liftgate.json").read_text())
    assert written["people"] == {"ada": {"email": "ada@example.com"}, "grace": {}}
    said = liftgate("init", str(tmp_path / "other"), "--json")
    alone = json.loads((tmp_path / "other/liftgate.json").read_text())
    assert alone["people"] == {"ada": {"email": "ada@example.com"}}, "as git knows her"
    assert any("may not approve it" in step for step in said.data["next"])


def test_a_team_of_one_person_says_that_this_person_approves(tmp_path: Path, liftgate: Liftgate) -> None:
    said = liftgate("init", str(tmp_path / "repo"), "--alone", "--json")
    written = json.loads((tmp_path / "repo/liftgate.json").read_text())
    assert written["policy"] == {"prod": {"approvals": {"needed": 1, "from": ["ada"], "author": "allowed"}}}
    assert not any("may not approve it" in step for step in said.data["next"])
    assert liftgate("validate", "--repo", str(tmp_path / "repo"), "--json").data["findings"] == []
    refused = liftgate("init", str(tmp_path / "other"), "--people", "ada,grace", "--alone")
    assert (refused.code, "--alone is for a team of one person" in refused.err) == (3, True)


def test_without_an_address_there_is_no_placeholder_and_later_there_is_all(tmp_path: Path, liftgate: Liftgate) -> None:
    first = liftgate("init", str(tmp_path / "repo"), "--json").data
    assert not (tmp_path / "repo/argocd").exists()
    assert "git remote add origin ADDRESS" in first["next"]
    git(tmp_path / "repo", "remote", "add", "origin", REPOSITORY_URL)
    then = liftgate("init", str(tmp_path / "repo"), "--json").data
    project = yaml.safe_load((tmp_path / "repo/argocd/project.yaml").read_text())
    assert project["spec"]["sourceRepos"] == [REPOSITORY_URL]
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
    gitconfig: Path, tmp_path: Path, liftgate: Liftgate
) -> None:
    gitconfig.write_text("[user]\n\tuseConfigOnly = true\n")
    said = liftgate("init", str(tmp_path / "repo"), "--json")
    assert "git does not know your name" in said.err
    assert git(tmp_path / "repo", "log", "--format=%an %h") == f"Liftgate {said.data['commit']}"


def test_where_the_commit_fails_the_commands_are_said(gitconfig: Path, tmp_path: Path, liftgate: Liftgate) -> None:
    with gitconfig.open("a") as file:
        file.write("[commit]\n\tgpgsign = true\n[gpg]\n\tprogram = /nowhere\n")
    said = liftgate("init", str(tmp_path / "repo"), "--json")
    assert (said.code, said.data["commit"]) == (0, "")
    assert [step.split()[:2] for step in said.data["next"][1:3]] == [["git", "add"], ["git", "commit"]]
    again = liftgate("init", str(tmp_path / "repo"), "--json")
    assert again.data["written"] == []
    assert set(again.data["next"][1].split()) >= {
        "configs/base/values.json",
        "liftgate.json",
        "schemas/values.schema.json",
    }
    assert again.data["next"][2:] == said.data["next"][2:]


def test_init_run_again_commits_what_the_first_call_could_not(tmp_path: Path, liftgate: Liftgate) -> None:
    repo = Folder(tmp_path / "repo")
    repo.put("configs/dev/values.json", b'{"application": {"name": "shop", "version": "1.0.0"}}')
    said = liftgate("init", str(repo.path), "--json")
    assert "configs/dev/values.json" in said.data["kept"]
    assert said.data["commit"]
    assert git(repo.path, "status", "--porcelain") == ""


def test_an_uncommitted_file_stays_a_step_until_it_is_committed(made: Folder, liftgate: Liftgate) -> None:
    file = made.path / "liftgate.json"
    file.write_text(file.read_text().replace("grace", "gracie"))
    steps = liftgate("init", str(made.path), "--json").data["next"]
    assert steps[1] == "git add --force -- liftgate.json"
    made.commit()
    assert not any(step.startswith("git add") for step in liftgate("init", str(made.path), "--json").data["next"])


@pytest.mark.parametrize("has_file", [True, False], ids=["with liftgate.json", "with values alone"])
def test_a_repository_with_an_application_gets_none_of_another_name(
    has_file: bool, tmp_path: Path, liftgate: Liftgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = tmp_path / "repo"
    liftgate("init", str(repo), "--application", "shop")
    if not has_file:
        git(repo, "rm", "-q", "liftgate.json")
    before = {path for path in repo.rglob("*") if ".git" not in path.parts}
    refused = liftgate("init", str(repo), "--application", "billing", "--repository", REPOSITORY_URL)
    assert (refused.code, "init cannot add an application" in refused.err) == (3, True)
    assert {path for path in repo.rglob("*") if ".git" not in path.parts} == before
    monkeypatch.chdir(repo)
    said = liftgate("init", ".", "--repository", REPOSITORY_URL, "--json")
    assert said.code == 0, said.err
    assert not [path for path in repo.rglob("*example-app*") if ".git" not in path.parts]
    assert (repo / "argocd/shop-prod.yaml").exists()


def test_environments_of_its_own_stay_those_of_the_repository(tmp_path: Path, liftgate: Liftgate) -> None:
    repo = tmp_path / "repo"
    liftgate("init", str(repo), "--environments", "test, live", "--repository", REPOSITORY_URL)
    again = liftgate("init", str(repo), "--json")
    assert (again.code, again.data["written"]) == (0, [])
    refused = liftgate("init", str(repo), "--environments", "dev,live")
    assert (refused.code, "test,live" in refused.err) == (3, True)


@pytest.mark.parametrize(
    ("people", "more"),
    [(b"rosa=rosa@example.com, grace", None), (b"rosa=rosa@example.com", b"y"), (b"rosa=rosa@example.com", b"")],
)
def test_on_a_terminal_it_asks_for_address_and_people(tmp_path: Path, people: bytes, more: bytes | None) -> None:
    """And one person, whether they may approve what they wrote."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "liftgate.cli.main", "init", str(tmp_path / "repo")]
    environment = {**os.environ, "PYTHONPATH": python_path()}
    with subprocess.Popen(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, env=environment) as init:
        os.close(theirs)
        asked = read_until(ours, b"(empty: decide later): ")
        os.write(ours, f"{REPOSITORY_URL}\n".encode())
        asked += read_until(ours, b"[ada=ada@example.com]: ")
        os.write(ours, people + b"\n")
        if more is not None:
            asked += read_until(ours, b"what rosa wrote or requested? [y/N]: ")
            os.write(ours, more + b"\n")
        assert init.wait(60) == 0, asked
    os.close(ours)
    written = json.loads((tmp_path / "repo/liftgate.json").read_text())
    others: dict[str, dict[str, str]] = {} if more is not None else {"grace": {}}
    assert written["people"] == {"rosa": {"email": "rosa@example.com"}} | others
    assert ("policy" in written) == (more == b"y")
    assert git(tmp_path / "repo", "remote", "get-url", "origin") == REPOSITORY_URL


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


def test_an_address_of_ssh_asks_for_a_key_and_host_keys_instead_of_a_password(
    tmp_path: Path, gitconfig: Path, liftgate: Callable[..., Said]
) -> None:
    for host, more in (("github.com", {"LIFTGATE_FORGE__TOKEN"}), ("git.example.com", set())):
        url = f"git@{host}:shop/config.git"
        said = liftgate("init", str(tmp_path / host), "--repository", url, "--people", "ada,grace", "--json")
        variables = said.data["variables"]
        assert variables["LIFTGATE_REPOSITORY__URL"] == url
        asked = {name for name in variables if "REPOSITORY__" in name or "FORGE__TOKEN" in name}
        assert asked == {
            "LIFTGATE_REPOSITORY__URL", "LIFTGATE_REPOSITORY__SSH_KEY", "LIFTGATE_REPOSITORY__KNOWN_HOSTS", *more,
        }  # fmt: skip
        assert settings.unknown(variables) == []


@pytest.mark.parametrize("address", ["", REPOSITORY_URL])
def test_where_no_manifests_can_be_made_no_step_applies_them(address: str, tmp_path: Path, liftgate: Liftgate) -> None:
    folder = tmp_path / "repo"
    for name in ("dev", "prod"):
        (folder / f"envs/{name}").mkdir(parents=True)
        for application in ("shop", "billing"):
            (folder / f"envs/{name}/{application}.json").write_text('{"replicas": 1}\n')
    applications = {name: {"values": f"{name}.json"} for name in ("shop", "billing")}
    environments = {name: f"/envs/{name}" for name in ("dev", "prod")}
    (folder / "liftgate.json").write_text(json.dumps({"environments": environments, "applications": applications}))
    git(folder, "init", "-q", "-b", "main")
    said = liftgate("init", str(folder), *(["--repository", address] if address else []), "--json")
    assert "no manifests for Argo CD here" in said.err
    assert not (folder / "argocd").exists()
    assert not [step for step in said.data["next"] if "kubectl" in step or "init again" in step]
    assert [step for step in said.data["next"] if step.startswith("have an Argo CD Application for each")]


def test_in_an_adopted_repository_it_warns_before_manifests_replace_what_runs(
    tmp_path: Path, liftgate: Liftgate
) -> None:
    """The team has Applications of the same names, with other manifests."""
    folder = tmp_path / "repo"
    for name in ("dev", "prod"):
        (folder / f"envs/{name}").mkdir(parents=True)
        (folder / f"envs/{name}/values.json").write_text('{"replicas": 1}\n')
    environments = {name: f"/envs/{name}" for name in ("dev", "prod")}
    configuration = {"environments": environments, "applications": {"shop": {"values": "values.json"}}}
    (folder / "liftgate.json").write_text(json.dumps(configuration))
    git(folder, "init", "-q", "-b", "main")
    said = liftgate("init", str(folder), "--repository", REPOSITORY_URL, "--json")
    assert (folder / "argocd/shop-prod.yaml").exists()
    assert "kubectl apply -f argocd, unless Argo CD deploys these applications already" in said.data["next"]
    shown = liftgate("init", str(tmp_path / "new"), "--repository", REPOSITORY_URL, "--json").data["next"]
    assert "kubectl apply -f argocd" in shown


def test_values_that_git_ignores_are_committed_by_the_user_only(tmp_path: Path, liftgate: Liftgate) -> None:
    """They may be ignored because they hold secrets."""
    repo, values = Folder(tmp_path / "repo"), "configs/prod/values.json"
    repo.put(values, b'{"application": {"name": "example-app", "version": "1.0.0"}}')
    repo.put(".gitignore", b"configs/prod/\n")
    said = liftgate("init", str(repo.path), "--json")
    assert said.data["commit"]
    assert values not in git(repo.path, "ls-files").splitlines()
    assert said.data["next"][1] == f"git add --force -- {values}"


@pytest.mark.parametrize("is_new", [True, False], ids=["no commit yet", "with commits"])
def test_the_commands_for_many_files_stay_short(is_new: bool, tmp_path: Path, liftgate: Liftgate) -> None:
    """30,000 paths are longer than a command may be."""
    repo, names = Folder(tmp_path / "repo"), [f"shop-{number}" for number in range(40)]
    applications = {name: {"folder": name, "values": "values.json"} for name in names}
    environments = {name: f"/envs/{name}" for name in ("dev", "prod")}
    repo.put("liftgate.json", json.dumps({"environments": environments, "applications": applications}).encode())
    for name in names:
        for environment in environments:
            repo.put(f"envs/{environment}/{name}/values.json", b"{}")
    repo.put("mine.txt", b"not part of it")
    Path(os.fsdecode(bytes(repo.path) + b"/caf\xe9.txt")).write_bytes(b"a name that is no UTF-8, which git tells too")
    repo.put(".gitignore", b"envs/prod\n")
    git(repo.path, "init", "-q", "-b", "main")
    if not is_new:
        git(repo.path, "commit", "-q", "--allow-empty", "-m", "Start")
    said = liftgate("init", str(repo.path), "--json")
    assert bool(said.data["commit"]) is is_new
    if not is_new:
        add, commit = said.data["next"][1:3]
        assert add == "git add --force --pathspec-from-file=.git/liftgate-init-paths --pathspec-file-nul"
        assert commit.endswith("'Configuration repository of shop-0, shop-1, shop-2, shop-3, shop-4 and 35 more'")
        for step in (add, commit):
            git(repo.path, *shlex.split(step)[1:])
    added = git(repo.path, "ls-files").splitlines()
    assert ("mine.txt" in added, "envs/dev/shop-39/values.json" in added) == (False, True)
    assert ("envs/prod/shop-39/values.json" in added) is not is_new, "what git ignores the user alone commits"


def test_where_git_does_not_say_what_is_committed_the_commands_are_said(made: Folder, liftgate: Liftgate) -> None:
    (made.path / ".git/index").write_bytes(b"broken")
    said = liftgate("init", str(made.path), "--json")
    assert [step.split()[:2] for step in said.data["next"][1:3]] == [["git", "add"], ["git", "commit"]]
