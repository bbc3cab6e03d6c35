"""`./dev` itself, as a person calls it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from sandbox_tests.plain import eventually

from liftgate.runtime.project import project_root
from tests.background import in_background
from tools.checkout import commands


def dev(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [str(project_root() / "dev"), *arguments]
    return subprocess.run(
        command, env={**os.environ, **variables}, capture_output=True, text=True, check=False, cwd="/"
    )


def test_help_names_every_command() -> None:
    told = dev("--help")
    assert told.returncode == 0
    assert all(f"  {name} " in told.stdout for name in ("demo", "test", "long", "check", "bench", "up", "liftgate"))


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


def test_what_a_script_starts_in_the_background_can_be_interrupted() -> None:
    """A whole `./dev test &`, with a test in it that waits for ever where SIGINT stays ignored."""
    test = "tests/runtime/test_supervisor.py::test_when_the_supervisor_is_killed_everything_is_gone[SIGINT]"
    script = f'"{project_root()}/dev" test -q "{project_root()}/{test}" & wait $!'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_an_interrupted_command_ends_what_it_runs_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "test_waits.py").write_text(
        f"import pathlib, time\n\ndef test_waits():\n"
        f"    pathlib.Path({str(tmp_path / 'begun')!r}).touch()\n    time.sleep(300)\n"
    )
    command = [str(project_root() / "dev"), "test", "-q", "-p", "no:cacheprovider", str(tmp_path / "test_waits.py")]
    with subprocess.Popen(in_background(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as dev:
        assert eventually((tmp_path / "begun").exists, within=60), "it never began"
        dev.send_signal(signal.SIGINT)
        told, _ = dev.communicate(timeout=60)
    assert dev.returncode == 130
    assert "tools/checkout" not in told


def test_the_command_line_sees_the_users_own_settings() -> None:
    wrong = {"LIFTGATE_ARGOCD_URL": "https://argocd.example.com", "PREFECT_API_URL": "http://127.0.0.1:9/api"}
    told = dev("liftgate", "doctor", **wrong).stdout
    assert "LIFTGATE_ARGOCD_URL is not a setting" in told
    assert "Prefect is not reachable at 127.0.0.1:9" in told


def test_the_demo_the_tests_and_the_bench_see_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIFTGATE_ARGOCD__URL", "PREFECT_API_URL", "GIT_DIR", "LIFTGATE_DEBUG"):
        monkeypatch.setenv(name, "mine")
    _, variables = commands.alone()
    foreign = [name for name, value in variables.items() if value == "mine"]
    assert foreign == ["LIFTGATE_DEBUG"], "that one is for finding a bug"


def test_a_package_of_the_same_name_in_the_callers_folder_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    command = [str(project_root() / "dev"), "--help"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
