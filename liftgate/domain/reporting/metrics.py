"""Metrics of the promotions for a monitoring system: counts and durations, from the ledger's entries alone.

The ledger only grows, so the counts never fall, in any process and after any restart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, get_args

from liftgate.domain.common.value import Value
from liftgate.domain.config.pipeline import Monitoring
from liftgate.domain.drift.record import Drifting, Place, Record, is_open
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry, Outcome

Kind = Literal["sync", "verification", "rollback"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
BUCKETS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0)
"""Upper bounds in seconds; 180 and 300 are the promises for a rollback and a sync."""

READS: Final[Mapping[str, str]] = {"sync-failed": "error-rate", "drift-detected": "drift-detection"}
"""The metric that each alert reads."""


def exported(monitoring: Monitoring) -> frozenset[str]:
    """The metrics that the block names, and those that its alerts read."""
    return frozenset(monitoring.metrics) | {READS[alert] for alert in monitoring.alerts}


class Tally(Value):
    """Metrics of one application in one environment since the ledger's first entry, zeros included."""

    place: Place
    outcomes: Mapping[Outcome, int]
    """Promotions and updates; a rollback counts as an outcome of the promotion it reverted."""
    errors: Mapping[Kind, int]
    last_error: Mapping[Kind, float]
    """Unix time in seconds; 0.0 if there never was one."""
    last_verified: float
    """Unix time in seconds of the newest good outcome, rollbacks included; 0.0 if there is none."""
    bypassed: int
    """Changes by hand that came past gates which were not open."""
    last_bypassed: float
    """Unix time in seconds of the newest one; 0.0 if there is none."""
    applied: tuple[float, ...]
    """Seconds from the commit to synced and healthy, rollbacks included."""


def tally(entries: Iterable[Entry], place: Place) -> Tally:
    mine = ledger.entries_of(entries, place.application, place.environment)
    errors = [(kind, entry.times.finished.timestamp()) for entry in mine if (kind := error_of(entry))]
    outcomes, kinds = Counter(e.outcome for e in mine if e.kind != "rollback"), Counter(kind for kind, _ in errors)
    return Tally(
        place=place,
        outcomes={outcome: outcomes[outcome] for outcome in OUTCOMES},
        errors={kind: kinds[kind] for kind in KINDS},
        last_error=dict.fromkeys(KINDS, 0.0) | dict(errors),
        last_verified=max((_verified(entry).timestamp() for entry in mine if entry.good), default=0.0),
        bypassed=len({entry.revision for entry in mine if entry.bypassed}),
        last_bypassed=max((entry.times.finished.timestamp() for entry in mine if entry.bypassed), default=0.0),
        applied=tuple(
            (entry.times.synced - entry.times.committed).total_seconds()
            for entry in mine
            if entry.times.synced and entry.times.committed
        ),
    )


def drifting(seen: Drifting, records: Iterable[Record]) -> dict[Place, int]:
    """How many objects are changed in each place with drift.

    If the last check cannot say it, because the process is new or Argo CD does not answer, the ledger's open records
    do: a drift ends only when its end is seen, so that a restart resolves no alert.
    """
    statuses, unsure = dict(seen.statuses), Counter[Place]()
    for record in filter(is_open, records):
        if statuses.get(record.place, "OutOfSync") == "OutOfSync":
            unsure[record.place] += len(record.objects)
    return {**unsure, **{each.place: each.objects for each in seen.here}}


def _verified(entry: Entry) -> datetime:
    return entry.times.verified or entry.times.finished


def error_of(entry: Entry) -> Kind | None:
    """Errors after the commit; a refused or expired gate is not an error."""
    if entry.kind == "rollback":
        return "rollback" if entry.outcome == "rollback failed" else None
    if entry.outcome not in ("rolled back", "failed", "rollback failed"):
        return None
    return "verification" if entry.times.synced else "sync"


def bucketed(seconds: Iterable[float]) -> list[tuple[float, int]]:
    """(upper bound, count up to it), with an infinite last bound: a cumulative histogram."""
    listed = list(seconds)
    return [(bound, sum(each <= bound for each in listed)) for bound in (*BUCKETS, float("inf"))]
