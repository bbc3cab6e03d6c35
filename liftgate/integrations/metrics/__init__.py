"""What a monitoring system measured: what we need of one."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from liftgate.domain.common.value import Value


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
