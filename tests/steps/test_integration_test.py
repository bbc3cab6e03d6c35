"""`integration-test` with real processes: scrubbed, bounded, and only what the worker's settings define."""

from __future__ import annotations

import sys
import time

import pytest

from liftgate.domain.verdict import Verdict
from liftgate.errors import Misconfigured
from liftgate.integrations.probe import Commands
from liftgate.steps.context import Context, Reach
from liftgate.steps.integration_test import run


def verdict(program: str, *, name: str = "smoke", **settings: object) -> Verdict:
    commands = Commands({"smoke": [sys.executable, "-c", program]})
    return run(
        Context(
            application="example-app", environment="prod", path="p", data=b"", version="1.4.2", revision="a" * 40,
            settings={"run": name} | settings, reach=Reach(run=commands.run),
        )
    )  # fmt: skip


def test_exit_status_zero_passes() -> None:
    assert verdict("print('ok')").passed


def test_anything_else_fails_with_the_last_line() -> None:
    result = verdict("import sys; print('first'); print('2 of 9 failed'); sys.exit(3)")
    assert result.failed
    assert result.reason == "integration test smoke: 2 of 9 failed"


def test_it_knows_what_is_tested() -> None:
    wanted = "['example-app', 'prod', '1.4.2']"
    names = "['LIFTGATE_APPLICATION', 'LIFTGATE_ENVIRONMENT', 'LIFTGATE_VERSION']"
    assert verdict(f"import os; assert [os.environ[n] for n in {names}] == {wanted}").passed


def test_it_sees_no_setting_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFTGATE_WORKER__SIGNING_KEY", "secret")
    assert verdict("import os; assert 'LIFTGATE_WORKER__SIGNING_KEY' not in os.environ").passed


def test_one_that_hangs_is_ended_with_its_children_and_fails() -> None:
    began = time.monotonic()
    result = verdict(
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])", deadline=0.5
    )
    assert result.reason == "integration test smoke: gave no verdict within 0.5 s"
    assert time.monotonic() - began < 30


def test_a_name_the_worker_does_not_define_is_a_mistake_with_the_nearest_right_one() -> None:
    with pytest.raises(Misconfigured, match='did you mean "smoke"'):
        verdict("", name="smok")


def test_without_a_name_it_is_not_configured() -> None:
    assert verdict("", name="").state == "not configured"
