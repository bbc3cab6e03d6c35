"""Time of the first commands in an existing repository of many applications, each as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from liftgate.runtime.project import python_path
from tests import layouts
from tools.bench.timing import Row, milliseconds, table

APPLICATIONS = 500
ENVIRONMENTS = ("dev", "staging", "prod")
PROMOTED = 100
"""Applications with two promotions through all environments in the history."""


def report() -> str:
    """The section as Markdown."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        folder = Path(made) / "repository"
        layouts.make(_repository(), folder)
        measured = {"`adopt --dry-run`": milliseconds(lambda: _run(folder, "adopt", "--dry-run"), 3)}
        _run(folder, "adopt", "--yes")
        _git(folder, "add", "-A")
        _git(folder, "commit", "-q", "-m", "Adopt Liftgate")
        measured["`validate`"] = milliseconds(lambda: _run(folder, "validate"), 3)
        measured["`plan` of one application"] = milliseconds(lambda: _run(folder, "plan", "shop-7", "--to", "staging"))
    measured["all three"] = sum(measured.values())
    rows: list[Row] = [(name, f"{ms / 1000:.2f}") for name, ms in measured.items()]
    commits = 2 * PROMOTED * len(ENVIRONMENTS)
    about = (
        f"{APPLICATIONS} applications in {len(ENVIRONMENTS)} environments, {commits} commits that changed values. Each"
        " command is a new process.\n\n"
    )
    return about + table(("command", "s"), rows)


def _repository() -> dict[str, Any]:
    names = [f"shop-{number}" for number in range(APPLICATIONS)]
    files = {
        f"envs/{environment}/{name}/values.json": _values(environment, name)
        for name in names
        for environment in ENVIRONMENTS
    }
    history = [
        {f"envs/{environment}/{name}/values.json": {"/image/tag": f"1.{release}.0"}}
        for release in (5, 6)
        for name in names[:PROMOTED]
        for environment in ENVIRONMENTS
    ]
    return {"files": files, "history": history}


def _values(environment: str, name: str) -> dict[str, Any]:
    return {
        "image": {"repository": f"registry.example.com/{name}", "tag": "1.4.0"},
        "url": f"https://{name}.{environment}.example.com",
        "database": {"host": f"db.{environment}.internal", "pool": 5},
        "features": {f"feature{number}": True for number in range(15)},
    }


def _run(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "liftgate.cli.main", *words, "--repo", str(folder)]
    variables = {**os.environ, "PYTHONPATH": python_path()}
    subprocess.run(command, env=variables, check=True, capture_output=True)


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)
