"""How many runs go on at once: what a machine, a work pool and Prefect's database take."""

from __future__ import annotations

from typing import Final

QUEUE: Final = "rollbacks"
"""Work queue of the flow `rollback`, before all others."""
DEFAULT_QUEUE: Final = "default"
"""Prefect's name for the queue of the other flows."""
FLOW: Final = "rollback"
LEAST: Final = 2
"""The smallest limit: one run, and the place that is reserved for a rollback."""
POOL: Final = 40
"""Runs of one installation at once on all workers, unless a setting says another number."""
_FOR_EACH_CORE: Final = 4
"""A run mostly waits for Git, Argo CD and the cluster."""
_OF_A_RUN: Final = 128 * 2**20
"""Bytes of memory that a run may need, with the programs that it starts."""
_SMALLEST_DEFAULT: Final = 4
_KEPT: Final = 20
"""Database connections that stay open: enough for Prefect's own services, and for people who look at its pages."""


def queue_of(flow: str) -> str:
    return QUEUE if flow == FLOW else DEFAULT_QUEUE


def others(limit: int) -> int:
    """How many of `limit` places are for flows other than rollbacks."""
    return max(1, limit - 1)


def fitting(cores: int, memory: int) -> int:
    """The limit of a worker on a machine with that many cores and bytes of memory; a quarter of it is for runs."""
    return max(_SMALLEST_DEFAULT, min(cores * _FOR_EACH_CORE, memory // 4 // _OF_A_RUN))


def connections(limit: int) -> tuple[int, int]:
    """Connections of Prefect's server to its database for `limit` runs at once: those that stay open, and how many
    more it may open."""
    return _KEPT, limit
