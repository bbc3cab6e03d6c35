"""Closer looks at suspects: a few in each round, each only when its answer may have changed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.domain.drift.drift import Calm, Finding, Heal, calm, heal
from liftgate.errors import LiftgateError
from liftgate.integrations.deployer import Overview
from liftgate.integrations.deployer.drift import look_for_drift

log = logging.getLogger(__name__)
MOST: Final = 10
"""Closer looks in a round, each of at most three requests: a commit to 500 applications must cause no request storm."""
_LASTS: Final = timedelta(minutes=5)
_LASTS_IF_GIT_MOVED: Final = timedelta(seconds=30)
"""When to compare again: the list does not show that one more field has changed."""


class Looked(NamedTuple):
    sign: tuple[object, ...]
    at: datetime
    finding: Finding
    heal: Heal | None


class Looks:
    def __init__(self, overview: Overview) -> None:
        self._overview = overview
        self._known: dict[str, Looked] = {}
        self._calm: dict[str, Calm] = {}

    def closer(self, short: Mapping[str, Snapshot], wanted: Collection[str], now: datetime) -> dict[str, Looked]:
        """The closer look at each wanted name; suspects and the oldest looks go first. `short` is the list."""
        self._known = {name: known for name, known in self._known.items() if name in wanted}
        due = [name for name in wanted if self._is_due(name, short[name], now)]
        for name in sorted(due, key=lambda name: (short[name].sync == "Synced", self._age(name)))[:MOST]:
            self._look(name, short[name], now)
        found = {name: known for name, known in self._known.items() if known.sign == _sign(short[name])}
        self._remember(short, {name for name in wanted if name not in found})
        return found

    def _remember(self, short: Mapping[str, Snapshot], waiting: Collection[str]) -> None:
        """Keep each state at rest, from before an operation without a closer look."""
        at_rest = {name: now for name, seen in short.items() if name not in waiting and (now := calm(seen))}
        self._calm = {name: known for name, known in self._calm.items() if name in short} | at_rest

    def _is_due(self, name: str, short: Snapshot, now: datetime) -> bool:
        known = self._known.get(name)
        if known is None or known.sign != _sign(short):
            return True
        if short.sync == "Synced":
            return False
        sure = known.finding.kind == "cluster moved"
        return now - known.at >= (_LASTS if sure else _LASTS_IF_GIT_MOVED)

    def _age(self, name: str) -> float:
        known = self._known.get(name)
        return known.at.timestamp() if known else 0.0

    def _look(self, name: str, short: Snapshot, now: datetime) -> None:
        try:
            found = look_for_drift(self._overview, name)
        except LiftgateError as error:
            log.warning("%s: no closer look: %s", name, error)
            return
        if found:
            seen, finding = found
            self._known[name] = Looked(_sign(short), now, finding, heal(seen, self._calm.get(name)))


def _sign(short: Snapshot) -> tuple[object, ...]:
    last = short.operation
    return (short.sync, short.out_of_sync, short.needs_pruning, last and (last.phase, last.started, last.finished))
