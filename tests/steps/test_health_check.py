"""`health-check` against a real HTTP server: the application's own reason is what people read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from liftgate.domain.verdict import Verdict
from liftgate.integrations import probe
from liftgate.integrations.clock import SystemClock
from liftgate.sandbox.serve import serve
from liftgate.steps.context import Context, Reach
from liftgate.steps.health_check import run


class Application:
    """Answers what it is told to, one after the other, the last one for ever."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)

    def __call__(self, _: Request) -> Response:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def check(request: pytest.FixtureRequest) -> Iterator[Verdict]:
    """The verdict on an application that answers so."""
    application = Application(*request.param)
    with serve(Starlette(routes=[Route("/{environment}/healthz", application.__call__)])) as served:
        yield verdict(f"{served.url}/{{environment}}/healthz")


def verdict(*addresses: str) -> Verdict:
    return run(
        Context(
            application="example-app", environment="prod", path="p", data=b"",
            settings={"http": list(addresses), "within": 0.6}, reach=Reach(clock=SystemClock(), get=probe.get),
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
