"""`metric-check` against what speaks Prometheus' API; in a marked run against Prometheus itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate.domain.common.verdict import Verdict
from liftgate.errors import Misconfigured
from liftgate.integrations.metrics.prometheus import Prometheus
from liftgate.steps.context import StepCapabilities
from liftgate.steps.metric_check import run
from tests.prometheus_server import prometheus
from tests.steps.world import Script, context, serving, serving_all, since, vector

BEGAN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def check(*answers: Response, **settings: Any) -> Verdict:
    with serving(*answers) as url:
        capabilities = StepCapabilities(metrics=Prometheus(url), since=since(BEGAN))
        plain: dict[str, Any] = {"query": "errors", "within": 0}
        return run(context(capabilities=capabilities, **plain | settings))


@pytest.mark.parametrize(
    ("limits", "good"),
    [({"max": 2}, True), ({"max": 1.5}, False), ({"min": 1}, True), ({"min": 2}, False), ({"min": 1, "max": 3}, True)],
)
def test_every_series_is_within_the_limits(limits: dict[str, float], good: bool) -> None:
    assert check(vector(2, 1), **limits).passed is good


def test_a_bad_series_is_named_with_its_value() -> None:
    verdict = check(vector(0, 7, job="app"), max=1)
    assert verdict.failed
    assert verdict.reason == 'metric: errors of {job="app", n="1"} is 7, more than 1'


def test_no_data_is_no_pass_unless_somebody_says_so() -> None:
    assert check(vector(), max=1).reason == "metric: errors gives no data"
    assert check(vector(), max=1, absent="passed").passed


def test_what_is_no_number_fails() -> None:
    assert "is not a number" in check(vector(float("nan")), max=1).reason


def test_it_must_not_rise_from_before_the_sync() -> None:
    assert check(vector(3), vector(2), rise=1.5).passed
    verdict = check(vector(3.1), vector(2), rise=1.5)
    assert verdict.failed
    assert "rose from 2 to 3.1, more than to 3" in verdict.reason
    assert check(vector(3.1), vector(2), rise=1.5, slack=0.2).passed


def test_nothing_to_compare_with_fails_unless_no_data_is_no_fault() -> None:
    assert "no value from before the sync" in check(vector(3), vector(), rise=1.5).reason
    assert check(vector(3), vector(), rise=1.5, absent="passed").failed
    assert check(vector(3), vector(), rise=1.5, absent="passed", slack=3).passed


def test_before_is_the_moment_the_sync_began_and_names_are_filled_in() -> None:
    script = Script(vector(1))
    with serving_all({"/api/v1/query": script}) as url:
        capabilities = StepCapabilities(metrics=Prometheus(url), since=since(BEGAN))
        query = 'sum(rate(errors{app="{application}", env="{environment}"}[1m]))'
        assert run(context(capabilities=capabilities, query=query, rise=1)).passed
    now, before = (dict(request.query_params) for request in script.asked)
    assert now["query"] == before["query"] == 'sum(rate(errors{app="example-app", env="prod"}[1m]))'
    assert "time" not in now
    assert float(before["time"]) == BEGAN.timestamp()


def test_a_moment_of_trouble_is_forgiven_within_the_time() -> None:
    assert check(vector(9), vector(0), max=1, within=5).passed


def test_it_waits_until_there_was_time_to_measure() -> None:
    class Clock:
        at = 0.0

        def now(self) -> datetime:
            return BEGAN + timedelta(seconds=self.at)

        def monotonic(self) -> float:
            return self.at

        def sleep(self, seconds: float) -> None:
            self.at += seconds

    clock = Clock()
    clock.at = 12
    with serving(vector(0)) as url:
        capabilities = StepCapabilities(clock=clock, metrics=Prometheus(url), since=since(BEGAN))
        assert run(context(capabilities=capabilities, query="errors", max=1, after=60)).passed
    assert clock.at == 60


def test_several_queries_share_what_they_leave_out() -> None:
    verdict = check(vector(5), query="", max=4, checks=[{"query": "one"}, {"query": "two", "max": 6}])
    assert verdict.failed
    assert [finding.place for finding in verdict.findings] == ["one"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"query": "up"}, "has no limit"),
        ({"query": "up", "maximum": 1}, 'did you mean "max"'),
        ({"checks": [{"qery": "up"}]}, r'checks\.0\.qery: unknown key; did you mean "query"'),
    ],
)
def test_a_mistake_in_the_settings_is_named(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        run(context(**settings))


@pytest.mark.parametrize("settings", [{}, {"query": "up", "max": 1}])
def test_without_a_query_or_a_prometheus_it_is_not_configured(settings: dict[str, Any]) -> None:
    assert run(context(**settings)).state == "not configured"


def test_a_query_that_is_none_is_a_mistake() -> None:
    with pytest.raises(Misconfigured, match="parse error"):
        check(JSONResponse({"error": "parse error"}, 400), max=1)


@pytest.mark.long
def test_prometheus_itself_says_the_same(tmp_path: Path) -> None:
    """A gauge and a counter with two series, as it scraped them."""
    text = 'load 3\nerrors_total{code="500"} 4\nerrors_total{code="503"} 1\n'
    with serving(PlainTextResponse(text)) as target, prometheus(tmp_path, target.removeprefix("http://")) as url:
        capabilities = StepCapabilities(metrics=Prometheus(url), since=since(datetime.now(UTC)))

        def verdict(**settings: Any) -> Verdict:
            return run(context(capabilities=capabilities, **({"within": 0} | settings)))

        assert verdict(query="load", max=3, rise=1).passed
        assert verdict(query="scalar(load)", min=3).passed
        assert 'code="500"' in verdict(query="errors_total", max=3).reason
        assert verdict(query="sum(errors_total)", min=5, max=5).passed
        assert verdict(query="nothing_total", max=1).reason == "metric: nothing_total gives no data"
        assert verdict(query="load / 0 - load / 0", max=1).reason.endswith("is not a number")
        for wrong, said in (("sum(", "parse error"), ("load[1m]", "gives matrix")):
            with pytest.raises(Misconfigured, match=said):
                verdict(query=wrong, max=1)
