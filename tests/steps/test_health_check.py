"""`health-check` against a real HTTP server: the application's own reason is what people read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate.domain.common.verdict import Verdict
from liftgate.errors import LiftgateError
from liftgate.integrations import probe
from liftgate.steps.context import Context, StepCapabilities
from liftgate.steps.health_check import run
from tests.steps.world import context, serving


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Iterator[Verdict]:
    """The verdict on an application that answers so."""
    with serving(*request.param, path="/prod/healthz") as url:
        yield verdict(f"{url}/{{environment}}/healthz")


def verdict(*addresses: str) -> Verdict:
    return run(
        Context(
            application="example-app", environment="prod", path="p", data=b"",
            settings={"http": list(addresses), "within": 0.6}, capabilities=StepCapabilities(get=probe.get),
        )
    )  # fmt: skip


GOOD, BAD = JSONResponse({"status": "ok"}), JSONResponse({"reason": "database unreachable"}, 503)


@pytest.mark.parametrize("check", [[GOOD]], indirect=True)
def test_a_good_answer_passes(check: Verdict) -> None:
    assert check.passed


@pytest.mark.parametrize("check", [[BAD]], indirect=True)
def test_a_bad_one_fails_with_the_applications_own_reason(check: Verdict) -> None:
    assert check.failed
    assert check.reason == "health check: database unreachable"


@pytest.mark.parametrize("check", [[BAD, BAD, GOOD]], indirect=True)
def test_the_last_moments_of_a_rollout_are_forgiven(check: Verdict) -> None:
    assert check.passed


@pytest.mark.parametrize("check", [[PlainTextResponse("<h1>oh</h1>", 500)]], indirect=True)
def test_a_page_instead_of_a_reason_is_its_status(check: Verdict) -> None:
    assert check.reason == "health check: status 500"


def test_nobody_there_fails() -> None:
    result = verdict("http://127.0.0.1:9/healthz")
    assert result.failed
    assert "no answer from 127.0.0.1" in result.reason


def test_without_an_address_it_is_not_configured_and_that_is_no_pass() -> None:
    result = verdict()
    assert result.state == "not configured"
    assert not result.passed


def expecting(*answers: Response, **settings: Any) -> Verdict:
    with serving(*answers) as url:
        return run(context(http=url, **{"within": 0.6} | settings))


MAINTENANCE = JSONResponse({"status": "maintenance", "version": "1.4.2", "ready": True, "load": 1}, 418)


@pytest.mark.parametrize(("status", "good"), [(418, True), ([200, 418], True), ([200, 204], False)])
def test_another_status_may_be_the_right_one(status: int | list[int], good: bool) -> None:
    assert expecting(MAINTENANCE, status=status).passed is good


@pytest.mark.parametrize(
    ("pointer", "equals", "why"),
    [
        ("/status", "maintenance", ""),
        ("/version", "{version}", ""),
        ("/ready", True, ""),
        ("/load", 1.0, ""),
        ("/load", True, "/load is 1, not true"),
        ("/version", "1.4.1", '/version is "1.4.2", not "1.4.1"'),
        ("/status/deep", "x", "the answer has no value at /status/deep"),
    ],
)
def test_a_value_in_the_answer_must_be_as_expected(pointer: str, equals: Any, why: str) -> None:
    verdict = expecting(MAINTENANCE, status=418, pointer=pointer, equals=equals, within=0)
    assert verdict.passed is not bool(why)
    assert why in verdict.reason


def test_a_value_may_only_have_to_be_there() -> None:
    assert expecting(GOOD, pointer="/status").passed
    assert expecting(GOOD, pointer="/database", within=0).failed


def test_what_is_no_json_holds_no_value() -> None:
    assert "is not JSON" in expecting(PlainTextResponse("ok"), pointer="/status", within=0).reason


def test_a_secret_in_an_answer_is_never_shown() -> None:
    answer = JSONResponse({"db": {"password": "hunter2"}})
    verdict = expecting(answer, pointer="/db/password", equals="x", within=0)
    assert verdict.failed
    assert "hunter2" not in verdict.model_dump_json()
    said = JSONResponse({"reason": "cannot reach postgres://app:hunter2@db"}, 503)
    assert "hunter2" not in expecting(said, within=0).model_dump_json()


def test_a_password_in_an_address_is_never_shown() -> None:
    verdict = run(context(http="http://monitor:hunter2@127.0.0.1:9/healthz?token=hunter2xyz1", within=0))
    assert verdict.failed
    assert "hunter2" not in verdict.model_dump_json()


def test_an_answer_that_comes_too_late_fails() -> None:
    assert expecting(GOOD, latency=60_000).passed
    verdict = expecting(GOOD, latency=0.001, within=0)
    assert verdict.failed
    assert "ms, more than 0.001 ms" in verdict.reason


def test_so_many_of_so_many_tries_must_be_good() -> None:
    assert expecting(GOOD, BAD, GOOD, of=[2, 3]).passed
    verdict = expecting(GOOD, BAD, BAD, BAD, BAD, of=[2, 3], within=0)
    assert verdict.failed
    assert verdict.reason == "health check: database unreachable (1 of 3 tries were good, 2 must be)"
    assert expecting(GOOD, BAD, GOOD, GOOD, BAD, of=[3, 3], within=0).failed


def test_several_probes_share_the_patience_and_nothing_else() -> None:
    with serving(GOOD) as well, serving(MAINTENANCE) as other:
        probes = [{"http": other, "status": 418}, {"http": other, "pointer": "/ready"}]
        verdict = run(context(http=well, pointer="/status", equals="ok", within=0, probes=probes))
    assert verdict.failed
    assert [(finding.place, finding.message) for finding in verdict.findings] == [(other, "status 418")]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"htpp": "x"}, r'checks\.health-check\.htpp: unknown key; did you mean "http"'),
        ({"of": [3, 2]}, r"checks\.health-check\.of: write \[n, m\]"),
        ({"probes": [{"statsu": 1}]}, r'probes\.0\.statsu: unknown key; did you mean "status"'),
        ({"pointer": "status"}, "must start with '/'"),
        ({"http": "ftp://example.com"}, "is no HTTP address"),
    ],
)
def test_a_mistake_in_the_settings_is_named(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(LiftgateError, match=said):
        run(context(**settings))
