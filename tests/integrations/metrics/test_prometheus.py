"""The client of Prometheus' HTTP API: what it sends, and what it makes of every answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate.errors import LiftgateError, Misconfigured, Unavailable
from liftgate.integrations.metrics import Sample
from liftgate.integrations.metrics.prometheus import Prometheus
from tests.steps.world import Script, serving, serving_all, vector

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_every_series_has_its_value() -> None:
    with serving(vector(1.5, float("inf"), job="app")) as url:
        samples = Prometheus(url).query("up")
    assert samples == (
        Sample(labels={"job": "app", "n": "0"}, value=1.5),
        Sample(labels={"job": "app", "n": "1"}, value=float("inf")),
    )
    assert samples[0].name == '{job="app", n="0"}'


def test_the_query_the_moment_and_the_token_are_sent() -> None:
    script = Script(vector())
    with serving_all({"/prom/api/v1/query": script}) as url:
        assert Prometheus(f"{url}/prom/", "t0ken").query('up{job="a b"}', NOW) == ()
    asked = script.asked[0]
    assert dict(asked.query_params) == {"query": 'up{job="a b"}', "time": "1795521600.000", "timeout": "10s"}
    assert asked.headers["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (JSONResponse({"status": "error", "error": "parse error: oh"}, 400), Misconfigured, "parse error: oh"),
        (JSONResponse({"error": "query timed out"}, 503), Unavailable, "query timed out"),
        (JSONResponse({"data": {"resultType": "matrix", "result": []}}), Misconfigured, "gives matrix"),
        (JSONResponse({"data": {"resultType": "vector", "result": [{"histogram": []}]}}), Misconfigured, "histogram"),
        (PlainTextResponse("<h1>Grafana</h1>"), Misconfigured, "is the address right"),
        (PlainTextResponse("no", 401), Misconfigured, "token"),
    ],
)
def test_what_is_no_answer_is_an_error_with_a_sentence(answer: Response, error: type[LiftgateError], said: str) -> None:
    with serving(answer) as url, pytest.raises(error, match=said):
        Prometheus(url).query("up")


def test_without_an_address_it_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(Misconfigured, match="LIFTGATE_PROMETHEUS__URL"):
        Prometheus("")
