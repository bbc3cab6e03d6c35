"""The files that `init` and `adopt` write for CI systems: they run what this Liftgate has, and replace nothing."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from liftgate import __version__
from liftgate.cli.ci_files import PATHS, ci_files
from liftgate.cli.parser import parse
from liftgate.domain.approval.change_gates import STATUS_CHECK
from tests.cli.conftest import Folder, Said, git

Liftgate = Callable[..., Said]
WORKFLOW = PATHS["github"]


def init(liftgate: Liftgate, folder: Path, *more: str) -> Said:
    return liftgate("init", str(folder), "--people", "ada,grace", "--json", *more)


def test_init_writes_the_workflow_of_the_forge_that_the_address_tells(
    tmp_path: Path, gitconfig: Path, liftgate: Liftgate
) -> None:
    url = ("--repository", "https://github.com/shop/config.git")
    assert WORKFLOW in init(liftgate, tmp_path / "a", *url).data["written"]
    assert WORKFLOW not in init(liftgate, tmp_path / "b", *url, "--ci", "none").data["written"]
    assert WORKFLOW not in init(liftgate, tmp_path / "c").data["written"]
    both = init(liftgate, tmp_path / "d", "--ci", "gitlab", "--ci", "pre-commit").data["written"]
    assert {*PATHS.values()} & {*both} == {".gitlab-ci.yml", ".pre-commit-config.yaml"}


def test_init_leaves_an_existing_file_as_it_is(tmp_path: Path, gitconfig: Path, liftgate: Liftgate) -> None:
    folder = Folder(tmp_path / "a")
    folder.put(WORKFLOW, b"ours")
    said = init(liftgate, folder.path, "--ci", "github")
    assert WORKFLOW in said.data["kept"]
    assert (folder.path / WORKFLOW).read_bytes() == b"ours"


@pytest.mark.parametrize("is_there", [False, True])
def test_adopt_writes_one_only_on_request_and_replaces_none(
    is_there: bool, tmp_path: Path, gitconfig: Path, liftgate: Liftgate
) -> None:
    folder = Folder(tmp_path / "a")
    for name in ("dev", "prod"):
        folder.put(f"config/{name}/app.json", json.dumps({"url": f"https://{name}.example.com"}).encode())
    if is_there:
        folder.put(WORKFLOW, b"ours")
    git(tmp_path, "init", "-q", "-b", "main", str(folder.path))
    folder.commit()
    said = liftgate("adopt", "--repo", str(folder.path), "--yes", "--ci", "github", "--json")
    assert (said.code, WORKFLOW in said.data["written"]) == (0, not is_there)
    assert ((folder.path / WORKFLOW).read_bytes() == b"ours") == is_there
    (folder.path / "liftgate.json").unlink()
    (folder.path / "schemas").rename(folder.path.parent / "schemas")
    assert not {*PATHS.values()} & {*liftgate("adopt", "--repo", str(folder.path), "--yes", "--json").data["written"]}


@pytest.mark.parametrize("name", PATHS)
def test_it_runs_a_command_that_this_version_has(name: str) -> None:
    (text,) = ci_files([name]).values()
    assert "@" not in re.sub(r"uses: \S+@[0-9a-f]{40}  # v[0-9.]+\n", "", text)
    commands = re.findall(r"(?:run:|entry:|-) (liftgate .+)", text)
    assert commands
    for command in commands:
        words = shlex.split(command.partition(" > ")[0])[1:]
        given = parse(words)
        assert given.command in ("check", "validate")


def test_the_workflow_needs_no_secret_pins_what_it_runs_and_expands_nothing_of_the_pull_request_in_a_shell() -> None:
    text = ci_files(["github"])[WORKFLOW]
    workflow: dict[Any, Any] = yaml.safe_load(text)
    (job,) = workflow["jobs"].values()
    assert "secrets." not in text
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in text
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]) for step in job["steps"] if "uses" in step)
    assert "${{" not in "".join(step.get("run", "") for step in job["steps"])
    assert job["env"]["LIFTGATE_PACKAGE"] == f"liftgate=={__version__}"
    assert job["name"] != STATUS_CHECK, "a job of that name would satisfy the status that waits for the gates"
    assert job["steps"][0]["with"]["fetch-depth"] == 0


def test_the_merge_request_job_keeps_its_report_when_it_fails() -> None:
    (job,) = yaml.safe_load(ci_files(["gitlab"])[".gitlab-ci.yml"]).values()
    assert job["artifacts"]["when"] == "always"
    assert job["variables"]["GIT_DEPTH"] == "0"
