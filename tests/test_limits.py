"""A test that hangs is ended, and named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from liftgate.runtime.project import project_root

TESTS = """
import threading

import pytest


@pytest.fixture
def stuck():
    try:
        yield
    finally:
        threading.Event().wait()


def test_waits_for_ever():
    try:
        threading.Event().wait()
    except Exception:
        pass


def test_never_ends(stuck):
    pass


def test_is_quick():
    pass
"""


@pytest.mark.parametrize("parallel", ["0", "1"])
def test_what_hangs_fails_under_its_name_and_the_others_go_on(parallel: str, tmp_path: Path) -> None:
    (tmp_path / "test_hanging.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text("from tests.limits import *\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", parallel, "-o", "limit=1", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [*command, str(tmp_path)], cwd=project_root(), capture_output=True, text=True, check=False, timeout=120
    )
    assert "test_hanging.py::test_waits_for_ever took more than 1 s in its call" in done.stdout
    assert "test_hanging.py::test_never_ends took more than 1 s in its teardown" in done.stdout
    assert "1 failed, 2 passed, 1 error" in done.stdout
