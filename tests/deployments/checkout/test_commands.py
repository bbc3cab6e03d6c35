"""`./dev` itself, as a person calls it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from liftgate.runtime.project import project_root


def dev(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [str(project_root() / "dev"), *arguments]
    return subprocess.run(
        command, env={**os.environ, **variables}, capture_output=True, text=True, check=False, cwd="/"
    )


def test_help_names_every_command() -> None:
    told = dev("--help")
    assert told.returncode == 0
    assert all(f"  {name} " in told.stdout for name in ("demo", "test", "check", "bench", "up", "liftgate"))


def test_an_unknown_command_is_named() -> None:
    told = dev("tset")
    assert told.returncode == 2
    assert "'tset'" in told.stderr


def test_an_old_python_is_told_what_is_needed(tmp_path: Path) -> None:
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        (tmp_path / name).write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
        (tmp_path / name).chmod(0o755)
    told = dev("test", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert told.returncode == 4
    assert "Python 3.11 or newer and found Python 3.9.2" in told.stderr


def test_a_package_of_the_same_name_in_the_callers_folder_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "deployments").mkdir()
    (tmp_path / "deployments" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    command = [str(project_root() / "dev"), "--help"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
