"""`integration-test` with real processes: scrubbed, bounded, and only what the worker's settings define."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace

import pytest
from starlette.responses import JSONResponse

from liftgate.domain.common.verdict import Verdict
from liftgate.errors import Misconfigured
from liftgate.integrations import probe
from liftgate.integrations.probe import Commands
from liftgate.steps.context import Context, StepCapabilities
from liftgate.steps.integration_test import run
from tests.steps.world import Hurried, Script, context, serving_all


def verdict(program: str, *, name: str = "smoke", **settings: object) -> Verdict:
    commands = Commands({"smoke": [sys.executable, "-c", program]})
    return run(
        Context(
            application="example-app", environment="prod", path="p", data=b"", version="1.4.2", revision="a" * 40,
            settings={"run": name} | settings, capabilities=StepCapabilities(run=commands.run),
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


SUITE = """<testsuites><testsuite>
<testcase classname="shop.Cart" name="adds"/><testcase classname="shop.Cart" name="removes"><skipped/></testcase>
<testcase classname="shop.Pay" name="pays">%s</testcase></testsuite></testsuites>"""
FAILURE = "<failure message='expected 200'>a long trace</failure>"


def reporting(xml: str, status: int) -> Verdict:
    return verdict(
        f"import os, pathlib; pathlib.Path(os.environ['LIFTGATE_JUNIT']).write_text({xml!r}); exit({status})"
    )


@pytest.mark.parametrize("status", [0, 1])
def test_failures_of_the_report_are_named_whatever_the_exit_status(status: int) -> None:
    result = reporting(SUITE % FAILURE, status)
    assert result.failed
    assert result.reason == "integration test smoke: 1 of 3 failed: shop.Pay.pays"
    assert [(each.place, each.message) for each in result.findings] == [("shop.Pay.pays", "expected 200")]


def test_a_good_report_is_counted() -> None:
    assert reporting(SUITE % "", 0).reason == "smoke passed: 3 tests, 1 skipped"


def test_a_good_report_does_not_make_a_failed_command_good() -> None:
    assert reporting(SUITE % "", 4).reason == "integration test smoke: exit status 4"


@pytest.mark.parametrize("xml", ["no report", "<testsuite/>", '<!DOCTYPE a [<!ENTITY b "c">]><testcase/>'])
def test_what_is_no_report_counts_for_nothing(xml: str) -> None:
    assert reporting(xml, 0).reason == "smoke passed"
    assert reporting(xml, 2).failed


def test_a_secret_that_a_test_prints_is_never_shown() -> None:
    result = verdict("print('cannot sign in: password=hunter2'); exit(1)")
    assert result.failed
    assert "hunter2" not in result.model_dump_json()
    assert "hunter2" not in reporting(SUITE % "<error message='token=hunter2xyz1'/>", 1).model_dump_json()


class TestJob:
    """Behind HTTP: started once, asked until it says how it went."""

    def verdict(self, *states: object, started: int = 202, deadline: float = 30) -> tuple[Verdict, Script]:
        start = Script(JSONResponse({"id": 7}, started))
        status = Script(*(JSONResponse(state) for state in states or ({},)))
        with serving_all({"/jobs": start, "/jobs/7": status}) as url:
            job = {"start": f"{url}/jobs", "status": f"{url}/jobs/{{id}}"}
            capabilities = StepCapabilities(clock=Hurried(), get=probe.get, post=probe.post)
            data = b'{"application": {"version": "1.4.3"}}'
            return run(replace(context(data, capabilities, http=job, deadline=deadline), version="")), start

    def test_it_is_told_what_to_test_and_waited_for(self) -> None:
        result, start = self.verdict({"state": "running"}, {"state": "passed", "message": "9 tests"})
        assert result.passed
        assert result.reason == "the job passed: 9 tests"
        (body,) = start.bodies
        assert json.loads(body) == {
            "application": "example-app", "environment": "prod", "revision": "a" * 40, "version": "1.4.3",
        }  # fmt: skip

    def test_a_bad_end_fails_with_its_reason(self) -> None:
        result, _ = self.verdict({"state": "failed", "message": "2 of 9; token=hunter2xyz1"})
        assert result.failed
        assert result.reason.startswith("integration test: the job failed: 2 of 9")
        assert "hunter2" not in result.model_dump_json()

    @pytest.mark.parametrize("state", ["running", "completed"])
    def test_no_verdict_in_time_fails(self, state: str) -> None:
        result, _ = self.verdict({"state": state}, deadline=0.3)
        assert result.reason == "integration test: gave no verdict within 0.3 s"

    def test_one_that_does_not_start_fails(self) -> None:
        result, _ = self.verdict(started=500)
        assert result.reason == "integration test: the job did not start: status 500"

    def test_one_that_tells_no_state_counts_as_lost(self) -> None:
        result, _ = self.verdict({"oh": "dear"})
        assert "tells no state" in result.reason

    def test_a_command_and_a_job_at_once_are_a_mistake(self) -> None:
        with pytest.raises(Misconfigured, match="either run or http"):
            run(context(run="smoke", http={"start": "x", "status": "y"}))
