"""What a supervisor left behind ends, and the watchdog with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from liftgate.runtime import watchdog


def test_a_process_that_ended_and_whose_parent_does_not_know_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A supervisor that waits for its watchdog reads no exit code: each would wait for the other for ever."""
    monkeypatch.setattr(watchdog, "GRACE", 0.2)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    child.kill()
    watchdog.end([child.pid])
    assert child.wait(10) < 0
