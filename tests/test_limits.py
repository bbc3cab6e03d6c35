"""A test that hangs is ended, and named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from liftgate.runtime.project import project_root

TESTS = """
import gc
import threading
import time

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


def test_hangs_where_exceptions_are_lost():
    def lose(phase, _):
        if phase == "start":
            time.sleep(2)

    gc.callbacks.append(lose)
    try:
        gc.collect()
        threading.Event().wait()
    finally:
        gc.callbacks.remove(lose)


def test_is_quick():
    pass
"""


CONFTEST = """
from tests import limits

limits.AGAIN = 0.0  # each test is interrupted once only
"""
_HANGING = [
    ("test_waits_for_ever", "call"),
    ("test_never_ends", "teardown"),
    ("test_hangs_where_exceptions_are_lost", "call"),
]
PLUGINS = ("-p", "tests.limits", "-p", "tests.processes")
_ONLY_THESE_PLUGINS = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@pytest.mark.parametrize("processes", ["1", "2"])
def test_what_hangs_fails_under_its_name_and_the_others_go_on(processes: str, tmp_path: Path) -> None:
    (tmp_path / "test_hanging.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", *PLUGINS, "--processes", processes, "-o", "limit=1"]
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path), str(tmp_path)], cwd=project_root(), env=_ONLY_THESE_PLUGINS,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    for name, phase in _HANGING:
        assert f"test_hanging.py::{name} took more than 1 s in its {phase}" in done.stdout
    assert "2 failed, 2 passed, 1 error" in done.stdout
