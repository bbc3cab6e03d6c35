"""What a monitoring system measured: what we need of one."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from liftgate.domain.value import Value
from liftgate.integrations.products import Product


class Sample(Value):
    labels: dict[str, str]
    value: float

    @property
    def name(self) -> str:
        """The labels as PromQL writes them; empty for a number without any."""
        inner = ", ".join(f'{key}="{text}"' for key, text in sorted(self.labels.items()))
        return "{" + inner + "}" if inner else ""


class Metrics(Protocol):
    def query(self, text: str, at: datetime | None = None) -> tuple[Sample, ...]:
        """The value of every series, as of a moment (None: now); none where there is no data."""


PRODUCTS: Final[dict[str, Product[Metrics]]] = {
    "prometheus": Product("liftgate.integrations.metrics.prometheus:Prometheus")
}
