"""`./dev check`: format, lint, types, import contracts and the size of files."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

LONGEST_FILE = 300
CODE = ("flows", "tasks", "liftgate", "worker", "tools", "deployments", "sandbox", "tests")


def run(python: Path, root: Path, variables: Mapping[str, str]) -> int:
    """0 when all checks pass. It runs all of them, so that one call shows everything to fix."""
    present = [name for name in CODE if (root / name).exists()]
    bin_ = python.parent
    commands: dict[str, list[str | Path]] = {
        "format": [bin_ / "ruff", "format", "--check", "--quiet", *present],
        "lint": [bin_ / "ruff", "check", "--quiet", *present],
        "types": [bin_ / "mypy", *present],
        "imports": [bin_ / "lint-imports"],
    }
    failed = [name for name, command in commands.items() if not _passes(name, command, root, variables)]
    long = [path for path in _files(root, present) if len(path.read_text().splitlines()) > LONGEST_FILE]
    for path in long:
        print(f"{path.relative_to(root)} has more than {LONGEST_FILE} lines")
    if failed or long:
        print(f"failed: {', '.join([*failed, *(['file sizes'] if long else [])])}")
        return 1
    print("all checks passed")
    return 0


def _passes(name: str, command: list[str | Path], root: Path, variables: Mapping[str, str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(command, cwd=root, env=dict(variables), capture_output=True, text=True, check=False)
    print(f"{name}: {'failed' if done.returncode else 'passed'} in {time.monotonic() - began:.1f} s", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def _files(root: Path, present: list[str]) -> list[Path]:
    return [path for name in present for path in [root / name, *(root / name).rglob("*.py")] if path.is_file()]
