"""The places for runs on this worker: how many there are, and which of the runs that are due get the free ones."""

from __future__ import annotations

from collections.abc import Container, Iterable
from uuid import UUID

from prefect.client.schemas.objects import FlowRun

from liftgate import settings
from liftgate.domain.runs import capacity
from worker import machine


class Slots:
    """`limit` places; one of them is only for a rollback. A run has its place until its process has ended."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._others = capacity.others(limit)
        self._held = {True: 0, False: 0}
        """Places that rollbacks, and that other runs, have."""

    @property
    def free(self) -> int:
        return self.limit - sum(self._held.values())

    @property
    def is_for_rollbacks(self) -> bool:
        """Whether no place is free, or only the one for a rollback."""
        return self.free == 0 or self._held[False] >= self._others

    def take(self, *, is_rollback: bool) -> bool:
        """Whether there was a place."""
        has_place = self.free > 0 and (is_rollback or not self.is_for_rollbacks)
        self._held[is_rollback] += has_place
        return has_place

    def leave(self, *, is_rollback: bool) -> None:
        self._held[is_rollback] -= 1


def in_order(due: Iterable[FlowRun], rollbacks: Container[UUID], begun: Container[UUID]) -> list[FlowRun]:
    """Rollbacks, then runs that began before (they crashed, or their gate is open), then new runs; each as scheduled.

    `rollbacks` and `begun` are ids of runs.
    """
    return sorted(due, key=lambda run: (run.id not in rollbacks, run.id not in begun and not run.run_count))


def limit_here() -> int:
    """As set, or what fits this machine. Raises Misconfigured."""
    return settings.load().worker.limit or capacity.fitting(machine.cores(), machine.memory())
