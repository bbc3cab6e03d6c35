"""`liftgate check`: what a range of commits changes in the environments, without a server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liftgate.runtime.project import python_path
from tests.cli.conftest import Folder, Said, git
from tests.examples import SEED, entry, text, values

Liftgate = Callable[..., Said]
STAGING, PROD = "configs/staging/values.json", "configs/prod/values.json"
PEOPLE = {
    "people": {"ada": {"email": "ada@example.com"}, "grace": {"email": "grace@example.com"}},
    "policy": {"prod": {"approvals": {"needed": 1, "from": ["ada", "grace"]}}},
}


def check(liftgate: Liftgate, folder: Folder, *more: str, **settings: str) -> Said:
    return liftgate("check", "--repo", str(folder.path), *more, **settings)


@pytest.fixture
def branch(clone: Folder) -> Folder:
    """A branch of a person, with what origin has as its base."""
    clone.put("liftgate.json", text(SEED | PEOPLE))
    git(clone.path, "update-ref", "refs/remotes/origin/main", clone.commit("people"))
    git(clone.path, "checkout", "-q", "-b", "mine")
    return clone


def test_a_value_of_the_environment_is_shown_by_owner_with_who_must_approve(branch: Folder, liftgate: Liftgate) -> None:
    branch.put(PROD, text(values("prod", password="hunter2hunter2")))
    branch.commit()
    said = check(liftgate, branch, "--json")
    (place,) = said.data["places"]
    assert (said.data["environments"], place["application"], place["paths"]) == (["prod"], "example-app", [PROD])
    assert [(row["owner"], row["pointer"]) for row in place["rows"]] == [
        ("own", "/application/environment/configs/password")
    ]
    assert "hunter2" not in said.out
    gates = {gate["gate"]: gate for gate in place["gates"]}
    assert gates["approvals"]["state"] == "pending"
    assert "needs 1 approval: grace; written by ada" in gates["approvals"]["reason"]
    assert "upstream" not in gates


def test_a_mistake_is_named_with_its_line_and_fails(branch: Folder, liftgate: Liftgate) -> None:
    branch.put(PROD, text(values("prod", "not a version")))
    branch.commit()
    said = check(liftgate, branch)
    assert said.code == 1
    assert said.out.startswith(f"{PROD}:4:5: /application/version must be a semantic version")
    assert "1 mistake to correct" in said.out


def test_mistakes_of_files_that_the_change_does_not_touch_are_not_its_own(branch: Folder, liftgate: Liftgate) -> None:
    branch.put(STAGING, text(values("staging", "not a version")))
    git(branch.path, "update-ref", "refs/remotes/origin/main", branch.commit("wrong before"))
    branch.put(PROD, text(values("prod", logLevel="info")))
    branch.commit()
    assert check(liftgate, branch).code == 0
    branch.put("liftgate.json", text(SEED | PEOPLE | {"operators": ["ada"]}))
    branch.commit()
    assert check(liftgate, branch).code == 1, "it changes what all files are checked by"


def test_values_that_cannot_be_read_have_a_finding_and_no_plan(branch: Folder, liftgate: Liftgate) -> None:
    branch.put(PROD, b'{"application": ')
    branch.commit()
    said = check(liftgate, branch, "--json")
    assert said.code == 1
    assert (said.data["places"][0]["rows"], said.data["findings"][0]["file"]) == ([], PROD)
    assert said.data["places"][0]["unread"]


def test_a_broken_or_deleted_configuration_is_a_finding(branch: Folder, liftgate: Liftgate) -> None:
    branch.put("liftgate.json", text(SEED | {"polcy": {}}))
    branch.commit()
    said = check(liftgate, branch)
    assert said.code == 5
    assert "liftgate.json:" in said.out
    (branch.path / "liftgate.json").unlink()
    branch.commit()
    assert check(liftgate, branch).code == 5


def test_values_of_a_release_must_be_verified_upstream(branch: Folder, liftgate: Liftgate) -> None:
    release = liftgate("plan", "example-app", "--to", "staging", "--repo", str(branch.path), "--json").data["release"]
    branch.put(PROD, text(values("prod", "1.4.2")))
    branch.commit()

    def upstream() -> Any:
        (place,) = check(liftgate, branch, "--json").data["places"]
        assert (place["version"], place["rows"][0]["owner"]) == ("1.4.2", "promote")
        return {gate["gate"]: gate["state"] for gate in place["gates"]}.get("upstream")

    assert upstream() == "pending", "the clone has no ledger"
    branch.record(entry(environment="staging", release="sha256:" + "0" * 64))
    assert upstream() == "failed"
    branch.record(entry(environment="staging", release=release))
    assert upstream() == "passed"


def test_several_environments_become_promotions_in_the_order_of_the_pipeline(
    branch: Folder, liftgate: Liftgate
) -> None:
    for name in ("prod", "dev"):
        branch.put(f"configs/{name}/values.json", text(values(name, logLevel="info")))
    branch.put("configs/prod/patch.yaml", b"a: 1\n")
    branch.put("configs/base/values.json", text(values("base", "1.4.3")))
    branch.put("README.md", b"# Shop\n")
    branch.commit()
    said = check(liftgate, branch)
    assert "in the order of the pipeline: dev, prod" in said.out.replace("\n", " ")
    assert "Also changed there: configs/prod/patch.yaml" in said.out
    assert "configs/base/values.json is where releases come from" in said.out


def test_a_change_of_other_files_touches_nothing(branch: Folder, liftgate: Liftgate) -> None:
    branch.put("README.md", b"# Shop\n")
    branch.commit()
    assert check(liftgate, branch).out == "no environment changes\n"


def test_what_others_merged_meanwhile_is_not_the_changes_own(branch: Folder, liftgate: Liftgate) -> None:
    branch.put(PROD, text(values("prod", logLevel="info")))
    branch.commit()
    git(branch.path, "checkout", "-q", "main")
    branch.put(STAGING, text(values("staging", logLevel="info")))
    git(branch.path, "update-ref", "refs/remotes/origin/main", branch.commit())
    git(branch.path, "checkout", "-q", "mine")
    assert check(liftgate, branch, "--json").data["environments"] == ["prod"]


def test_github_gets_annotations_and_a_summary_that_no_file_can_leave(
    branch: Folder, liftgate: Liftgate, tmp_path: Path
) -> None:
    summary = tmp_path / "summary.md"
    wrong = values("prod", "not a version")
    wrong["application"]["::set-output name=x::y"] = "\n::error::z"
    branch.put(PROD, text(wrong))
    branch.commit()
    said = check(liftgate, branch, "--format", "github", GITHUB_STEP_SUMMARY=str(summary))
    assert said.code == 1
    assert f"::error file={PROD},line=4,col=5,title=liftgate%3A " in said.out
    commands = [line for line in said.out.splitlines() if line.startswith("::")]
    assert all(line.startswith((f"::error file={PROD},", f"::warning file={PROD},")) for line in commands)
    assert "must be a semantic version" in summary.read_text()
    assert summary.read_text().startswith("### ❌ Liftgate: 1 mistake to correct")


def test_gitlab_gets_a_code_quality_report(branch: Folder, liftgate: Liftgate) -> None:
    branch.put(PROD, text(values("prod", "not a version")))
    branch.commit()
    said = check(liftgate, branch, "--format", "gitlab")
    assert json.loads(said.out)[0]["location"] == {"path": PROD, "lines": {"begin": 4}}
    assert "values of the release" in said.err


def test_a_shallow_clone_is_refused_with_the_command_that_deepens_it(branch: Folder, liftgate: Liftgate) -> None:
    shallow = Folder(branch.path.parent / "shallow")
    git(branch.path.parent, "clone", "-q", "--depth=1", f"file://{branch.path}", str(shallow.path))
    said = check(liftgate, shallow)
    assert said.code == 5
    assert "fetch --unshallow" in said.err


@pytest.mark.parametrize("given", [("--base", "nowhere"), ("--base", "origin/main", "--head", "nowhere")])
def test_a_commit_that_is_not_there_is_refused(given: tuple[str, ...], branch: Folder, liftgate: Liftgate) -> None:
    said = check(liftgate, branch, *given)
    assert said.code == 3
    assert "nowhere" in said.err


def test_it_imports_no_prefect(branch: Folder) -> None:
    code = (
        "import sys\nfrom liftgate.cli.main import main\n"
        f"main(['check', '--repo', {str(branch.path)!r}])\nassert 'prefect' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": python_path(), "PATH": "/usr/bin:/bin"}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_where_an_application_has_several_files_each_row_names_its_own(clone: Folder, liftgate: Liftgate) -> None:
    """The same pointer in two files is two values."""
    features = "configs/prod/features.json"
    written = SEED | {"applications": {"example-app": {"values": ["values.json", "features.json"]}}}
    clone.put("liftgate.json", text(written))
    clone.put(features, text({"note": "old"}))
    git(clone.path, "update-ref", "refs/remotes/origin/main", clone.commit("two files"))
    clone.put(features, text({"note": "new"}))
    clone.put(PROD, text(values("prod") | {"note": "new"}))
    clone.commit()
    said = check(liftgate, clone)
    assert '~ features.json /note  "old" → "new"' in said.out
    assert '+ values.json /note  "new"' in said.out
