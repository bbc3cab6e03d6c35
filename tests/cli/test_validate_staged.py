"""`validate --staged` checks what Git's index holds, whatever the work tree has, as a hook before a commit."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from liftgate.runtime.project import python_path
from tests.cli.conftest import Folder, Said, git
from tests.examples import text, values

Liftgate = Callable[..., Said]
DEV, PROD = "configs/dev/values.json", "configs/prod/values.json"
GOOD, BAD = text(values("dev")), text(values("dev", "not a version"))


def staged(liftgate: Liftgate, folder: Path) -> Said:
    return liftgate("validate", "--staged", "--repo", str(folder))


def test_what_is_staged_is_checked_and_the_work_tree_is_not(clone: Folder, liftgate: Liftgate) -> None:
    clone.put(DEV, BAD)
    assert staged(liftgate, clone.path).code == 0, "a mistake that the commit would not have"
    git(clone.path, "add", DEV)
    clone.put(DEV, GOOD)
    said = staged(liftgate, clone.path / "configs" / "dev")
    assert said.code == 1
    assert said.out.startswith(f"{DEV}:4:5: /application/version must be a semantic version")
    git(clone.path, "add", DEV)
    assert staged(liftgate, clone.path).out == "4 files, no mistakes\n"


def test_a_new_file_and_a_removed_one_count_as_staged(clone: Folder, liftgate: Liftgate) -> None:
    clone.put("configs/dev/other/values.json", text({"application": {"name": "other"}}))
    git(clone.path, "rm", "-q", "--cached", PROD)
    assert staged(liftgate, clone.path).out == "3 files, no mistakes\n"
    git(clone.path, "add", "-N", "configs/dev/other/values.json")
    assert staged(liftgate, clone.path).code == 0, "its content is not staged yet"
    git(clone.path, "add", "configs/dev/other/values.json")
    assert "configs/dev/other/values.json" in staged(liftgate, clone.path).out


def test_another_work_tree_has_its_own_index(clone: Folder, liftgate: Liftgate) -> None:
    beside = Folder(clone.path.parent / "beside")
    git(clone.path, "worktree", "add", "-q", str(beside.path))
    beside.put(DEV, BAD)
    git(beside.path, "add", DEV)
    assert staged(liftgate, beside.path / "configs").code == 1
    assert staged(liftgate, clone.path).code == 0


def test_an_index_with_a_merge_conflict_is_refused(clone: Folder, liftgate: Liftgate) -> None:
    for branch, version in (("other", "2.0.0"), ("main", "3.0.0")):
        git(clone.path, "checkout", "-q", "-B", branch, "main")
        clone.put(DEV, text(values("dev", version)))
        clone.commit()
    git(clone.path, "reset", "-q", "--hard", "HEAD")
    with pytest.raises(subprocess.CalledProcessError):
        git(clone.path, "merge", "-q", "other")
    assert git(clone.path, "ls-files", "--unmerged")
    said = staged(liftgate, clone.path)
    why = f"the index has a merge conflict in {DEV}; resolve it, then: git add {DEV}"
    assert (said.code, said.err) == (3, f"liftgate: {why}\n")


def test_without_git_nothing_is_staged(clone: Folder, liftgate: Liftgate) -> None:
    (clone.path / ".git").rename(clone.path.parent / "elsewhere")
    said = staged(liftgate, clone.path)
    assert said.code == 5
    assert "is not the top folder of a Git work tree" in said.err


def test_a_link_in_the_index_is_a_mistake(clone: Folder, liftgate: Liftgate) -> None:
    (clone.path / PROD).unlink()
    (clone.path / PROD).symlink_to("../dev/values.json")
    git(clone.path, "add", PROD)
    assert f"{PROD}" in staged(liftgate, clone.path).out


@pytest.mark.parametrize("how", [("-a",), (DEV,)], ids=["commit -a", "commit FILE"])
@pytest.mark.parametrize("where", ["the clone", "another work tree"])
def test_as_a_hook_it_stops_the_commit_with_the_mistake(how: tuple[str, ...], where: str, clone: Folder) -> None:
    """Git then works with another index than its usual one, which it names to the hook."""
    hook = clone.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -m liftgate.cli.main validate --staged\n")
    hook.chmod(0o755)
    here = clone
    if where == "another work tree":
        here = Folder(clone.path.parent / "beside")
        git(clone.path, "worktree", "add", "-q", str(here.path))
    here.put(DEV, BAD)
    done = commit(here.path, *how)
    assert done.returncode == 1
    assert "/application/version must be a semantic version" in done.stdout + done.stderr
    if here is not clone:
        here.put(DEV, text(values("dev", "1.5.0")))
        assert commit(here.path, *how).returncode == 0, "without a mistake it lets the commit pass"


def commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": python_path(), "HOME": str(folder.parent)}
    command = ["git", "-C", str(folder), *who, "commit", "-q", "-m", "a change", *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
