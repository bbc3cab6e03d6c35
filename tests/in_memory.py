"""Where a small world asks for a Prefect server and needs none: runs in memory."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate.integrations.runs import Runs
from liftgate.integrations.runs.memory import InMemoryRuns
from tests.prefect_server import PrefectApi


@dataclass(frozen=True)
class InMemory(PrefectApi):
    """No server: the twin keeps the runs."""

    memory: InMemoryRuns

    @property
    def secret(self) -> str:
        return ""

    @property
    def runs(self) -> Runs:
        return self.memory.runs(self.pool)
