"""What a monitoring system is told of the promotions: counts and durations, from the ledger's entries alone.

The ledger only grows, so the counts never fall, whichever process counts and however often it was restarted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, get_args

from liftgate.domain import ledger
from liftgate.domain.drift_record import Drifting, Place, Record, is_open
from liftgate.domain.ledger import Entry, Outcome
from liftgate.domain.pipeline import Monitoring
from liftgate.domain.value import Value

Kind = Literal["sync", "verification", "rollback"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
BUCKETS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0)
"""Upper bounds in seconds; 180 and 300 are what is promised of a rollback and of a sync."""

READS: Final[Mapping[str, str]] = {"sync-failed": "error-rate", "drift-detected": "drift-detection"}
"""The metric that each alert reads."""


def exported(monitoring: Monitoring) -> frozenset[str]:
    """The metrics that the block names, and those that its alerts read: no alert is blind."""
    return frozenset(monitoring.metrics) | {READS[alert] for alert in monitoring.alerts}


class Tally(Value):
    """Of one application in one environment since the ledger began; nothing is left out for being 0."""

    place: Place
    outcomes: Mapping[Outcome, int]
    """Promotions and updates; a rollback is counted by the promotion it took back."""
    errors: Mapping[Kind, int]
    last_error: Mapping[Kind, float]
    """Unix time in seconds; 0.0 where there never was one."""
    last_verified: float
    """Unix time in seconds of the newest good outcome, a rollback's among them; 0.0 where there is none."""
    applied: tuple[float, ...]
    """Seconds from the commit to synced and healthy, rollbacks among them."""


def tally(entries: Iterable[Entry], place: Place) -> Tally:
    mine = ledger.of(entries, place.application, place.environment)
    errors = [(kind, entry.times.finished.timestamp()) for entry in mine if (kind := error_of(entry))]
    outcomes, kinds = Counter(e.outcome for e in mine if e.kind != "rollback"), Counter(kind for kind, _ in errors)
    return Tally(
        place=place,
        outcomes={outcome: outcomes[outcome] for outcome in OUTCOMES},
        errors={kind: kinds[kind] for kind in KINDS},
        last_error=dict.fromkeys(KINDS, 0.0) | dict(errors),
        last_verified=max((_verified(entry).timestamp() for entry in mine if entry.good), default=0.0),
        applied=tuple(
            (entry.times.synced - entry.times.committed).total_seconds()
            for entry in mine
            if entry.times.synced and entry.times.committed
        ),
    )


def drifting(seen: Drifting, records: Iterable[Record]) -> dict[Place, int]:
    """How many objects are changed in each place that has any.

    Where the last look cannot say it, because the process is new or Argo CD does not answer, the ledger's open records
    do: a drift is over when it is seen to be over, so that no alert is resolved by a restart.
    """
    statuses, unsure = dict(seen.statuses), Counter[Place]()
    for record in filter(is_open, records):
        if statuses.get(record.place, "OutOfSync") == "OutOfSync":
            unsure[record.place] += len(record.objects)
    return {**unsure, **{each.place: each.objects for each in seen.here}}


def _verified(entry: Entry) -> datetime:
    return entry.times.verified or entry.times.finished


def error_of(entry: Entry) -> Kind | None:
    """What went wrong after the commit; a gate that was refused or ran out is no error."""
    if entry.kind == "rollback":
        return "rollback" if entry.outcome == "rollback failed" else None
    if entry.outcome not in ("rolled back", "failed", "rollback failed"):
        return None
    return "verification" if entry.times.synced else "sync"


def bucketed(seconds: Iterable[float]) -> list[tuple[float, int]]:
    """(upper bound, how many are not above it), the last bound infinite: a cumulative histogram."""
    listed = list(seconds)
    return [(bound, sum(each <= bound for each in listed)) for bound in (*BUCKETS, float("inf"))]
