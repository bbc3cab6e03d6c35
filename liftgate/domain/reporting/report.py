"""The success metrics of an application in an environment over a window, from the ledger's entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import fmean, median

from liftgate.domain.common.value import Value
from liftgate.domain.drift import record as drift_record
from liftgate.domain.drift.record import Record
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import REACHED_SYNC, Entry

_BAD = frozenset({"rolled back", "failed", "rollback failed"})


class Span(Value):
    """Durations in seconds; None if there are none."""

    count: int
    p50: float | None
    max: float | None


class Figures(Value):
    application: str
    environment: str
    promotions: int
    """Promotions and updates that committed, and changes by hand that were taken over."""
    deployments_a_day: float
    change_failure_rate: float | None
    """The share of those that were rolled back or failed after the commit."""
    seconds_to_restore: float | None
    """The mean time from the bad commit to verified again, over the failures that were repaired."""
    sync_success_rate: float | None
    """The share of those that reached a sync whose first operation succeeded."""
    commit_to_synced: Span
    rollback: Span
    """The time from the start of a rollback to verified again."""
    by_hand: int = 0
    """Of the promotions those that a person merged or pushed by hand."""
    bypassed_rate: float | None = None
    """The share of the promotions that came past gates which were not open."""
    drift: int = 0
    """Changes of the cluster that did not come through Git, self-healed ones included."""


def report(
    entries: Sequence[Entry],
    places: Iterable[tuple[str, str]],
    since: datetime,
    now: datetime,
    drifts: Sequence[Record] = (),
) -> list[Figures]:
    """For each (application, environment): entries committed in the window, and drifts first seen in it."""
    recent, mine = [record for record in drifts if since <= record.seen <= now], ledger.by_place(entries)
    return [
        _figures(mine[place], *place, since, now).copy_with(drift=len(drift_record.records_of(recent, *place)))
        for place in places
    ]


def _figures(entries: list[Entry], application: str, environment: str, since: datetime, now: datetime) -> Figures:
    committed = [entry for entry in entries if _committed(entry) and since <= _at(entry) <= now]
    bad = [entry for entry in committed if _turned_bad(entry, entries)]
    healed = [(again - _at(entry)).total_seconds() for entry in bad if (again := good_again(entry, entries))]
    first = [entry.first_sync for entry in committed if entry.first_sync is not None]
    days = (now - since) / timedelta(days=1)
    return Figures(
        application=application,
        environment=environment,
        promotions=len(committed),
        deployments_a_day=len(committed) / days if days > 0 else 0.0,
        change_failure_rate=len(bad) / len(committed) if committed else None,
        seconds_to_restore=fmean(healed) if healed else None,
        sync_success_rate=sum(first) / len(first) if first else None,
        commit_to_synced=_span((e.times.synced - _at(e)).total_seconds() for e in committed if e.times.synced),
        rollback=_span(_rollbacks(entries, since, now)),
        by_hand=sum(entry.by_hand is not None for entry in committed),
        bypassed_rate=sum(bool(entry.bypassed) for entry in committed) / len(committed) if committed else None,
    )


def good_again(bad: Entry, entries: Sequence[Entry]) -> datetime | None:
    """When the environment was first verified after the bad commit, by a rollback or by a better release."""
    later = [
        entry.times.verified
        for entry in entries
        if entry.good and entry.promotion != bad.promotion and entry.times.verified
        and entry.times.verified > _at(bad) and _heals(entry, bad, entries)
    ]  # fmt: skip
    return min(later, default=None)


def _heals(entry: Entry, bad: Entry, entries: Sequence[Entry]) -> bool:
    """Whether the entry repaired the bad one. Not if it was committed before, or was rolled back itself. If the bad
    one was rolled back, no other rollback counts: the result of that one still contained the bad one."""
    if entry.kind == "rollback":
        return bad.promotion in entry.taken or not any(each.good and bad.promotion in each.taken for each in entries)
    overtaken = entry.times.committed is not None and entry.times.committed <= _at(bad)
    return not overtaken and not _turned_bad(entry, entries)


def _committed(entry: Entry) -> bool:
    is_deployed = entry.outcome in REACHED_SYNC or entry.by_hand is not None
    return entry.kind != "rollback" and is_deployed and entry.times.committed is not None


def _turned_bad(entry: Entry, entries: Sequence[Entry]) -> bool:
    """Whether it failed by its own outcome, or was rolled back later."""
    return entry.outcome in _BAD or any(entry.promotion in each.taken for each in entries)


def _rollbacks(entries: Sequence[Entry], since: datetime, now: datetime) -> list[float]:
    return [
        (entry.times.verified - entry.times.requested).total_seconds()
        for entry in entries
        if entry.kind == "rollback" and entry.times.verified and since <= entry.times.finished <= now
    ]


def _at(entry: Entry) -> datetime:
    return entry.times.committed or entry.times.finished


def _span(seconds: Iterable[float]) -> Span:
    listed = list(seconds)
    return Span(count=len(listed), p50=median(listed) if listed else None, max=max(listed, default=None))
