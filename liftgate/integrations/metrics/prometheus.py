"""Prometheus' HTTP API (prometheus.io/docs/prometheus/latest/querying/api), which others speak too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from liftgate.errors import Misconfigured
from liftgate.integrations.http import client, json_of, message_of, send
from liftgate.integrations.metrics import Sample

WHO = "Prometheus"
_TIMEOUT = "10s"


class Prometheus:
    def __init__(self, url: str, token: str = "") -> None:
        """`url` is the base, without `/api/v1`; raises Misconfigured without one."""
        if not url:
            raise Misconfigured("no Prometheus: set LIFTGATE_PROMETHEUS__URL")
        self._http = client(url.rstrip("/"), {"Authorization": f"Bearer {token}"} if token else {})

    def query(self, text: str, at: datetime | None = None) -> tuple[Sample, ...]:
        """Raises Misconfigured for what is no PromQL or gives no instant values."""
        asked = {"query": text, "timeout": _TIMEOUT} | ({"time": f"{at.timestamp():.3f}"} if at else {})
        response = send(self._http, WHO, "GET", "/api/v1/query", params=asked)
        if response.status_code in (400, 422):
            raise Misconfigured(f"{WHO} does not understand the query {text!r}: {message_of(response)}")
        data = json_of(response, WHO).get("data") or {}
        if data.get("resultType") == "scalar":
            return (Sample(labels={}, value=float(data["result"][1])),)
        if data.get("resultType") != "vector":
            kind = data.get("resultType", "nothing known")
            raise Misconfigured(f"the query {text!r} gives {kind}, not one value for each series")
        return tuple(_sample(each) for each in data.get("result", []))


def _sample(series: dict[str, Any]) -> Sample:
    if "value" not in series:
        raise Misconfigured("the query gives native histograms; ask for a number, like histogram_quantile(0.9, …)")
    return Sample(labels=series.get("metric", {}), value=float(series["value"][1]))
