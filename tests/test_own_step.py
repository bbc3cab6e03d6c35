"""The package of docs/how-to/own-step.md: installed as its readers install it, and run by name in a pipeline."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from liftgate import plugins
from liftgate.runtime.project import project_root
from tests.examples import SEED, text, values

EXAMPLE = project_root() / "examples" / "own-step"
PAGE = project_root() / "docs" / "how-to" / "own-step.md"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the built wheel lies, with its metadata; nothing comes from a network, nothing into this environment."""
    target = tmp_path_factory.mktemp("installed")
    where = ["--target", str(target), "--python", sys.executable]
    closed = ["--no-deps", "--offline", "--no-index", "--no-cache"]
    uv = Path(sys.executable).with_name("uv")
    done = subprocess.run(
        [str(uv), "pip", "install", *closed, *where, str(EXAMPLE)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return target


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(installed), str(project_root())])
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": paths}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, env=variables, cwd=installed, capture_output=True, text=True, check=False)


def repository(folder: Path, step: Any) -> Path:
    """Values that log everything, and a pipeline that ends with the step."""
    stages = [{"name": "validate", "steps": ["json-lint", step]}]
    (folder / "liftgate.json").write_bytes(text(SEED | {"pipeline": {"stages": stages}}))
    for name in ("dev", "staging", "prod"):
        file = folder / f"configs/{name}/values.json"
        file.parent.mkdir(parents=True)
        file.write_bytes(text(values(name, logLevel="debug")))
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def test_the_step_runs_by_its_name_with_the_settings_beside_it(installed: Path, tmp_path: Path) -> None:
    step = {"name": "log-level", "allowed": ["info", "warning"], "in": ["prod"]}
    done = run(installed, "liftgate.cli.main", "validate", "--repo", str(repository(tmp_path, step)), "--json")
    said = json.loads(done.stdout)
    states = {each["environment"]: each["state"] for each in said["checked"] if each["step"] == "log-level"}
    assert states == {"dev": "passed", "staging": "passed", "prod": "failed"}
    (finding,) = said["findings"]
    assert finding["place"].startswith("configs/prod/values.json:")
    assert done.returncode == 1


def test_a_wrong_name_is_answered_with_the_nearest_right_one(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "liftgate.cli.main", "validate", "--repo", str(repository(tmp_path, "log-levels")))
    assert done.returncode == 5
    assert done.stderr.strip() in PAGE.read_text()


def test_its_own_tests_pass(installed: Path) -> None:
    done = run(installed, "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(EXAMPLE), str(EXAMPLE / "tests"))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", ["pyproject.toml", "shop_steps/log_level.py", "tests/test_log_level.py"])
def test_the_page_shows_the_files_as_they_are(file: str) -> None:
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert (EXAMPLE / file).read_text() in blocks


def test_it_imports_the_stable_names_alone() -> None:
    trees = [ast.parse(file.read_text()) for file in EXAMPLE.rglob("*.py")]
    imports = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in imports if (node.module or "").startswith("liftgate")]
    assert {node.module for node in ours} == {"liftgate.plugins"}
    assert {alias.name for node in ours for alias in node.names} <= set(plugins.__all__)


def test_no_stable_name_goes_away() -> None:
    """A name that is taken out breaks the packages of teams: add names, never remove one."""
    promised = "MISSING Context Finding Misconfigured Refused Step StepCapabilities Unavailable Verdict failed find"
    assert {*promised.split(), "not_configured", "passed", "pending"} <= set(plugins.__all__)
    assert all(hasattr(plugins, name) for name in plugins.__all__)
