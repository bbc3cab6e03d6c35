"""`./dev prefect`: the tests that touch Prefect, with the oldest and the newest version that Liftgate supports."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from liftgate.runtime.project import project_root

TESTS: Final = (
    "tests/worker",
    "tests/flows",
    "tests/integrations/runs",
    "tests/runtime",
    "tests/security",
    "tests/server",
)
CHOSEN: Final = ("-q", "--processes", "2", "-m", "prefect and not long")


def main(arguments: Sequence[str]) -> int:
    """Arguments go to pytest, instead of the usual tests. 1 if a test fails with one of the versions."""
    chosen = arguments or (*CHOSEN, *TESTS)
    with tempfile.TemporaryDirectory(prefix="liftgate-prefect-") as folder:
        pythons = {oldest(): with_oldest(Path(folder)), locked(): Path(sys.executable)}
        failed = [version for version, python in pythons.items() if _fails(version, python, chosen)]
    print(f"Prefect {' and '.join(pythons)}: " + (f"failed with {', '.join(failed)}" if failed else "passed"))
    return 1 if failed else 0


def oldest() -> str:
    """The first version of the range in pyproject.toml."""
    project = tomllib.loads((project_root() / "pyproject.toml").read_text())["project"]
    (found,) = [each for each in project["dependencies"] if each.startswith("prefect>=")]
    return str(found).removeprefix("prefect>=").partition(",")[0]


def locked() -> str:
    """The version that the checkout's environment has."""
    found: list[str] = re.findall(r"^prefect==(\S+)", (project_root() / "requirements.lock").read_text(), re.MULTILINE)
    return found[0]


def with_oldest(folder: Path) -> Path:
    """The Python of a new environment with the packages of the lock, but the oldest Prefect."""
    uv, python = str(Path(sys.executable).with_name("uv")), folder / "bin" / "python"
    install = [uv, "pip", "install", "-q", "--python", str(python)]
    for command in (
        [uv, "venv", "-q", "--python", sys.executable, str(folder)],
        [*install, "-r", str(project_root() / "requirements-dev.lock")],
        [*install, f"prefect=={oldest()}"],
    ):
        subprocess.run(command, check=True)
    return python


def _fails(version: str, python: Path, chosen: Sequence[str]) -> bool:
    print(f"Prefect {version}", flush=True)
    root = project_root()
    paths = {"PYTHONPATH": f"{root}{os.pathsep}{root / 'sandbox'}"}
    return subprocess.call([python, "-m", "pytest", *chosen], cwd=root, env={**os.environ, **paths}) != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
