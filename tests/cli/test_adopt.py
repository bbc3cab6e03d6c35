"""`liftgate adopt`: it writes new files only, asks before it writes, and shows no secret."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liftgate.runtime.project import python_path
from tests import layouts
from tests.cli.conftest import Folder, Said, git
from tests.cli.test_init_first_time import read_until

Liftgate = Callable[..., Said]
SECRET = "correct-horse-battery-9"


def values(environment: str) -> dict[str, Any]:
    return {
        "image": {"tag": "1.4.0"},
        "url": f"https://{environment}.example.com",
        "replicas": 1 if environment == "dev" else 3,
        "database": {"password": SECRET + environment},
    }


@pytest.fixture
def repo(tmp_path: Path, gitconfig: Path) -> Folder:
    case = {"files": {f"config/{name}/app.json": values(name) for name in ("dev", "staging", "prod")}}
    layouts.make(case, tmp_path / "shop")
    return Folder(tmp_path / "shop")


def test_it_shows_what_it_found_and_writes_new_files_only(repo: Folder, liftgate: Liftgate) -> None:
    said = liftgate("adopt", "--repo", str(repo.path / "config/dev"), "--yes")
    assert said.code == 0, said.err
    for words in (
        "dev          /config/dev      -        -          push          policy.dev",
        "staging      /config/staging  dev      -          push          policy.staging",
        "prod         /config/prod     staging  1          pull-request  policy.prod",
        'The branch is taken to let the worker push; if it takes only pull requests, write "deliver"',
        "own      /url",
        "Different between environments and without a rule: /replicas",
    ):
        assert words in said.out
    assert git(repo.path, "status", "--porcelain").split() == ["??", "liftgate.json", "??", "schemas/"]
    assert git(repo.path, "ls-files", "-o").split() == ["liftgate.json", "schemas/values.schema.json"]


@pytest.mark.parametrize(
    ("changed", "last"),
    [
        ("config/dev/bill/app.json", "liftgate plan bill --to staging"),
        ("config/prod/bill/app.json", "liftgate plan bill --to prod"),
        ("", "the applications above have nothing to promote: change a value in dev, commit it, and look at it"),
    ],
)
def test_the_plan_that_it_proposes_changes_something(
    changed: str, last: str, tmp_path: Path, gitconfig: Path, liftgate: Liftgate
) -> None:
    """Only `bill` has a value that differs and is no environment's own."""
    paths = [f"config/{place}/{name}/app.json" for name in ("alpha", "bill") for place in ("dev", "staging", "prod")]
    files = {path: {"image": {"tag": "1.4.0" if path != changed else "1.5.0"}} for path in paths}
    layouts.make({"files": files}, tmp_path / "shop")
    said = liftgate("adopt", "--repo", str(tmp_path / "shop"), "--yes", "--json")
    assert said.data["next"][-2].startswith(last)


def test_each_of_several_files_has_a_line_and_their_folders_one_sentence(
    tmp_path: Path, gitconfig: Path, liftgate: Liftgate
) -> None:
    files = {
        f"config/{place}/{name}/{file}.json": {"tag": file}
        for place in ("dev", "prod")
        for name in ("bill", "shop")
        for file in ("app", "features")
    }
    layouts.make({"files": files}, tmp_path / "shop")
    said = liftgate("adopt", "--repo", str(tmp_path / "shop"), "--dry-run").out.splitlines()
    table = [line.split() for line in said if "config/dev/" in line]
    assert table == [
        ["bill", "config/dev/bill/app.json", "config/prod/bill/app.json"],
        ["config/dev/bill/features.json", "config/prod/bill/features.json"],
        ["shop", "config/dev/shop/app.json", "config/prod/shop/app.json"],
        ["config/dev/shop/features.json", "config/prod/shop/features.json"],
    ]
    assert sum("several values files" in line.lower() for line in said) == 1


def test_a_shallow_clone_is_said_with_the_command_that_completes_it(
    repo: Folder, tmp_path: Path, liftgate: Liftgate
) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repo.path}", "shallow")
    said = liftgate("adopt", "--repo", str(tmp_path / "shallow"), "--dry-run", "--json")
    assert said.data["unsure"][0].startswith("This clone is shallow")
    assert "fetch --unshallow" in said.data["unsure"][0]


def test_a_dry_run_writes_nothing(repo: Folder, liftgate: Liftgate) -> None:
    said = liftgate("adopt", "--repo", str(repo.path), "--dry-run", "--json")
    assert (said.code, said.data["written"]) == (0, [])
    assert said.data["configuration"]["environments"]["prod"] == "/config/prod"
    assert git(repo.path, "status", "--porcelain") == ""


def test_without_a_terminal_it_must_be_told_to_write(repo: Folder, liftgate: Liftgate) -> None:
    said = liftgate("adopt", "--repo", str(repo.path))
    assert said.code == 2
    assert "--yes" in said.err
    assert git(repo.path, "status", "--porcelain") == ""


@pytest.mark.parametrize("is_link", [False, True])
def test_an_existing_configuration_is_never_changed(is_link: bool, repo: Folder, liftgate: Liftgate) -> None:
    if is_link:
        (repo.path / "liftgate.json").symlink_to(repo.path.parent / "nowhere.json")
    else:
        repo.put("liftgate.json", b"{}")
    said = liftgate("adopt", "--repo", str(repo.path), "--yes", "--ci", "gitlab")
    assert (said.code, "adopt never changes it" in said.err) == (3, True)
    assert "files for --ci: liftgate init --ci gitlab" in said.err
    assert not (repo.path.parent / "nowhere.json").exists()


def test_nothing_is_written_outside_the_repository(repo: Folder, liftgate: Liftgate) -> None:
    outside = repo.path.parent / "outside"
    outside.mkdir()
    (repo.path / "schemas").symlink_to(outside)
    said = liftgate("adopt", "--repo", str(repo.path), "--yes")
    assert (said.code, "symbolic link" in said.err) == (3, True)
    assert list(outside.iterdir()) == []
    assert not (repo.path / "liftgate.json").exists()


def test_no_secret_is_shown_or_written(repo: Folder, liftgate: Liftgate) -> None:
    for words in (["--yes"], ["--dry-run", "--json"]):
        said = liftgate("adopt", "--repo", str(repo.path), *words)
        assert SECRET not in said.out + said.err
        (repo.path / "liftgate.json").unlink(missing_ok=True)
    assert "secret" in said.out
    assert SECRET not in (repo.path / "schemas/values.schema.json").read_text()


def test_control_characters_of_keys_do_not_reach_the_terminal(repo: Folder, liftgate: Liftgate) -> None:
    for name in ("dev", "staging", "prod"):
        repo.put(f"config/{name}/app.json", json.dumps({"\x1b[2Jurl": f"https://{name}.example.com"}).encode())
    repo.commit()
    said = liftgate("adopt", "--repo", str(repo.path), "--dry-run")
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "[2Jurl" in said.out


@pytest.mark.parametrize(("folder", "code"), [("empty", 5), ("nothing", 3)])
def test_what_it_cannot_adopt_gets_one_sentence(folder: str, code: int, tmp_path: Path, liftgate: Liftgate) -> None:
    made = Folder(tmp_path / folder)
    made.path.mkdir()
    git(made.path, "init", "-q")
    if folder == "nothing":
        made.put("README.md", b"x")
        made.commit()
    said = liftgate("adopt", "--repo", str(made.path), "--yes")
    assert (said.code, len(said.err.splitlines())) == (code, 1)


def test_a_long_history_is_read_within_a_limit_and_says_so(tmp_path: Path, gitconfig: Path, liftgate: Liftgate) -> None:
    case = {
        "files": {f"{name}.json": {"tag": "0", "size": size} for size, name in enumerate(("dev", "prod"))},
        "history": [{f"{name}.json": {"/tag": f"{number}"}} for number in range(1600) for name in ("dev", "prod")],
    }
    layouts.make(case, tmp_path / "shop")
    said = liftgate("adopt", "--repo", str(tmp_path / "shop"), "--dry-run", "--json")
    assert said.data["history"] == {"commits": 3000, "promotions": 1500, "cut": True}
    assert said.data["measured"] == {"promotions": 100, "reproduced": 100}
    assert "not the older ones" in liftgate("adopt", "--repo", str(tmp_path / "shop"), "--dry-run").out


def test_on_a_terminal_it_asks_for_the_order_and_before_it_writes(repo: Folder) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "liftgate.cli.main", "adopt", "--repo", str(repo.path)]
    environment = {**os.environ, "PYTHONPATH": python_path()}
    with subprocess.Popen(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, env=environment) as adopt:
        os.close(theirs)
        asked = read_until(ours, b"[dev,staging,prod]: ")
        os.write(ours, b"staging, dev, prod\n")
        asked += read_until(ours, b"[Y/n]: ")
        os.write(ours, b"\n")
        assert adopt.wait(60) == 0, asked
    os.close(ours)
    written = json.loads((repo.path / "liftgate.json").read_text())
    assert list(written["environments"]) == ["staging", "dev", "prod"]


def test_environments_in_one_folder_never_get_one_kustomization(
    tmp_path: Path, gitconfig: Path, liftgate: Liftgate
) -> None:
    """Kustomize would give every environment the values of the last one."""
    layouts.make({"files": {f"config/{name}.json": values(name) for name in ("dev", "prod")}}, tmp_path / "shop")
    folder = str(tmp_path / "shop")
    assert liftgate("adopt", "--repo", folder, "--yes").code == 0
    said = liftgate("init", folder, "--repository", "https://git.example.com/shop/config.git", "--json")
    assert said.code == 0, said.err
    assert said.data["written"] == [".liftgate/liftgate.schema.json", ".liftgate/allowed_signers"]
    assert "config/dev.json, config/prod.json are in one folder" in said.err
    refused = liftgate("manifests", "--repo", folder)
    assert (refused.code, "Kustomize renders a whole folder" in refused.err) == (3, True)
    assert liftgate("manifests", "--repo", folder, "--render", "helm").code == 0


def test_init_adds_what_an_adopted_repository_lacks(repo: Folder, liftgate: Liftgate) -> None:
    assert liftgate("adopt", "--repo", str(repo.path), "--yes").code == 0
    url = "https://git.example.com/shop/config.git"
    written = liftgate("init", str(repo.path), "--repository", url, "--json").data["written"]
    assert "argocd/shop-prod.yaml" in written
    assert "config/prod/kustomization.yaml" in written


def test_it_says_where_the_version_of_a_release_is(repo: Folder, liftgate: Liftgate) -> None:
    said = liftgate("adopt", "--repo", str(repo.path), "--yes")
    (line,) = [line for line in said.out.splitlines() if line.startswith("/image/tag")]
    assert line.split() == ["/image/tag", "shop", "applications.NAME.version"]
    written = (repo.path / "liftgate.json").read_text()
    assert json.loads(written)["applications"]["shop"]["version"] == "/image/tag"
    repo.commit()
    plan = liftgate("plan", "shop", "--to", "dev", "--repo", str(repo.path), "--json")
    assert plan.data["version"] == "1.4.0"
    assert liftgate("adopt", "--repo", str(repo.path), "--yes").code == 3
    assert (repo.path / "liftgate.json").read_text() == written
