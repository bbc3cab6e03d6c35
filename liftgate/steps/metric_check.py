"""`metric-check`: what Prometheus measured after the sync is within its limits, and no worse than before."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from liftgate.domain.checks.threshold import Threshold, excess
from liftgate.domain.common.verdict import Finding, Verdict, failed, not_configured, passed
from liftgate.errors import Misconfigured
from liftgate.integrations.metrics import Metrics
from liftgate.steps.context import Context
from liftgate.steps.reading import filled, read, settings

NAME = "metric-check"
_EVERY = 1.0


class Query(Threshold):
    query: str = ""
    """PromQL, with `{application}`, `{environment}` and `{version}` filled in; every series it gives must hold."""
    after: float = Field(default=0.0, ge=0)
    """Seconds that must have passed since the sync before anything is asked: a rate needs some scrapes."""
    within: float = Field(default=5.0, ge=0)
    """Seconds a limit may be missed before it means something."""
    absent: Literal["failed", "passed"] = "failed"
    """What no data means; a counter of errors may not exist before the first one."""


class MetricCheck(Query):
    checks: tuple[dict[str, Any], ...] = ()
    """Further queries; what one leaves out is as above."""


def run(context: Context) -> Verdict:
    """Settings: those of MetricCheck."""
    queries = _queries(settings(MetricCheck, NAME, context))
    metrics = context.capabilities.metrics
    if not queries:
        return not_configured(f"no query: set applications.{context.application}.checks.{NAME}.query")
    if metrics is None:
        return not_configured("no Prometheus to query: set LIFTGATE_PROMETHEUS__URL")
    bad = [finding for query in queries for finding in _until(query, metrics, context)]
    if bad:
        return failed(f"metric: {bad[0].message}", *bad)
    return passed(f"{len(queries)} {'metric holds' if len(queries) == 1 else 'metrics hold'}")


def _queries(written: MetricCheck) -> list[Query]:
    shared = written.model_dump(exclude={"checks", "query"}, exclude_unset=True)
    more = [read(Query, shared | own, f"checks.{NAME}.checks.{at}") for at, own in enumerate(written.checks)]
    asked = [query for query in (written, *more) if query.query]
    for query in asked:
        if not query.is_set:
            raise Misconfigured(f"checks.{NAME}: the query {query.query!r} has no limit: set max, min or rise")
    return asked


def _until(query: Query, metrics: Metrics, context: Context) -> list[Finding]:
    """The last bad findings within the time, or none as soon as there are none."""
    clock = context.capabilities.clock
    if query.after:
        passed_by = (clock.now() - context.capabilities.since()).total_seconds()
        clock.sleep(max(0.0, query.after - passed_by))
    end = clock.monotonic() + query.within
    while (bad := _look(query, metrics, context)) and clock.monotonic() < end:
        clock.sleep(_EVERY)
    return bad


def _look(query: Query, metrics: Metrics, context: Context) -> list[Finding]:
    """A series that was not there before was 0, where no data is no fault."""
    text = filled(query.query, context)
    samples = metrics.query(text)
    if not samples:
        return [] if query.absent == "passed" else [_finding(text, f"{text} gives no data")]
    before = _before(query, text, metrics, context)
    unknown = 0.0 if query.absent == "passed" else None
    found = ((sample, excess(query, sample.value, before.get(sample.name, unknown))) for sample in samples)
    return [_finding(text, f"{text}{sample.name and ' of ' + sample.name} {why}") for sample, why in found if why]


def _before(query: Query, text: str, metrics: Metrics, context: Context) -> dict[str, float]:
    """By series, when the sync began."""
    if query.rise is None:
        return {}
    return {sample.name: sample.value for sample in metrics.query(text, context.capabilities.since())}


def _finding(text: str, message: str) -> Finding:
    return Finding(place=text, rule=NAME, message=message)
