"""Two rows of the table "Where do I change …?" of docs/architecture.md, tried on a copy: one file and one line each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from liftgate.runtime.project import project_root
from tests.examples import SEED, text, values

TABLE = (project_root() / "docs" / "architecture.md").read_text()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The library as it is, where it may be changed."""
    left_out = shutil.ignore_patterns("__pycache__", "sandbox", "_project")
    shutil.copytree(project_root() / "liftgate", tmp_path / "liftgate", ignore=left_out)
    return tmp_path


def add_line(file: Path, after: str, line: str) -> None:
    """One line, behind the one that begins so."""
    lines = file.read_text().splitlines()
    (place,) = [number for number, each in enumerate(lines) if each.strip().startswith(after)]
    file.write_text("\n".join([*lines[: place + 1], line, *lines[place + 1 :]]) + "\n")


def liftgate(copied: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(copied)}
    command = [sys.executable, "-m", "liftgate.cli.main", *arguments]
    return subprocess.run(command, cwd=copied, env=variables, capture_output=True, text=True, check=False)


def test_a_step_is_one_file_and_one_line(copied: Path) -> None:
    assert "`liftgate/steps/<name>.py` and one line in `registry.py`" in TABLE
    (copied / "liftgate/steps/no_debug.py").write_text(
        "from liftgate.domain.common.verdict import failed, passed\n"
        "def run(context):\n"
        "    return failed('it logs everything') if b'debug' in context.data else passed('quiet')\n"
    )
    add_line(copied / "liftgate/steps/registry.py", '"metric-check":', '    "no-debug": "liftgate.steps.no_debug",')
    stages = [{"name": "validate", "steps": ["json-lint", "no-debug"]}]
    (copied / "liftgate.json").write_bytes(text(SEED | {"pipeline": {"stages": stages}}))
    for name in SEED["environments"]:
        (copied / f"configs/{name}").mkdir(parents=True)
        (copied / f"configs/{name}/values.json").write_bytes(
            text(values(name, logLevel="debug" if name == "dev" else "info"))
        )
    subprocess.run(["git", "init", "-q", str(copied)], check=True)
    said = json.loads(liftgate(copied, "validate", "--json").stdout)
    states = {each["environment"]: each["state"] for each in said["checked"] if each["step"] == "no-debug"}
    assert states == {"dev": "failed", "staging": "passed", "prod": "passed"}


def test_a_command_is_one_file_and_one_line(copied: Path) -> None:
    assert "`liftgate/cli/<command>.py` and one line in `parser.py`" in TABLE
    (copied / "liftgate/cli/hello.py").write_text(
        '"""Say hello."""\n'
        "from liftgate.cli.answer import Answer\n"
        "KEYS = {'said': 'a word'}\n"
        "def arguments(parser):\n    parser.add_argument('name')\n"
        "def run(given):\n    return Answer(f'hello {given.name}', {'said': given.name})\n"
    )
    add_line(copied / "liftgate/cli/parser.py", '"history":', '    "hello": "Say hello",')
    assert liftgate(copied, "hello", "ada").stdout == "hello ada\n"
    assert json.loads(liftgate(copied, "hello", "ada", "--json").stdout) == {"ok": True, "said": "ada"}
    assert "hello" in liftgate(copied, "--help").stdout
