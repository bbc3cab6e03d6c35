"""Changes of a cluster outside Git in the ledger: one record for each, and a second one when it has ended.

The records of a place are numbered: two servers that find the same change write the same file, and one of them fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args
from uuid import NAMESPACE_URL, uuid5

from liftgate.domain.commits.signed_value import SignedValue
from liftgate.domain.common.value import Value
from liftgate.domain.drift.drift import Changed, Finding, Heal

FOLDER: Final = "drift"
Status = Literal["Synced", "OutOfSync", "Unknown"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
_LAG = timedelta(minutes=1)
"""The self-heal that Argo CD reports as its last operation may have undone a drift that ended this recently."""
_SKEW = timedelta(seconds=5)
"""The allowed difference between the cluster's clock and a worker's."""
_FIGHT = timedelta(minutes=10)
"""A controller and Argo CD that undo each other's changes repeat it within five minutes, Argo CD's longest pause."""


class Place(Value):
    application: str
    environment: str


class Here(Value):
    """The result of the last check of one place."""

    place: Place
    sentence: str
    objects: int = 0
    """How many objects were changed in the cluster."""


class Drifting(Value):
    """The result of the last check."""

    here: tuple[Here, ...] = ()
    """Only places with drift."""
    statuses: tuple[tuple[Place, Status], ...] = ()
    """The sync status of each place, over all its Argo CD Applications."""
    looked: datetime | None = None
    """When Argo CD answered last."""
    notice: str = ""
    """Why drift cannot be detected or counted."""

    def sentence(self, application: str, environment: str) -> str:
        place = Place(application=application, environment=environment)
        return next((each.sentence for each in self.here if each.place == place), "")


def drift_status(seen: Iterable[str | None]) -> Status:
    """The worst sync status of the Argo CD Applications; None stands for a missing one."""
    words = set(seen)
    if not words or words - {"Synced", "OutOfSync"}:
        return "Unknown"
    return "OutOfSync" if "OutOfSync" in words else "Synced"


class Record(SignedValue):
    """One change of the cluster outside Git."""

    application: str
    environment: str
    number: int
    """Counted from 1 within the place."""
    kind: Literal["cluster moved", "both", "self-healed"]
    objects: tuple[Changed, ...]
    revision: str = ""
    """The last synced commit."""
    seen: datetime
    over: datetime | None = None
    """When it ended. A file never changes, so the end of a lasting drift is in a file of its own."""

    @property
    def signed_at(self) -> datetime:
        return self.over or self.seen

    @property
    def place(self) -> Place:
        return Place(application=self.application, environment=self.environment)

    @property
    def id(self) -> str:
        return str(uuid5(NAMESPACE_URL, f"liftgate:drift:{self.application}:{self.environment}:{self.number}"))

    @property
    def path(self) -> str:
        return f"{_folder(self)}/{self.number:06d}.json"

    @property
    def names(self) -> frozenset[str]:
        return frozenset(changed.object for changed in self.objects)


class Ending(SignedValue):
    """The end of a drift."""

    application: str
    environment: str
    number: int
    over: datetime

    @property
    def signed_at(self) -> datetime:
        return self.over

    @property
    def path(self) -> str:
        return f"{_folder(self)}/{self.number:06d}-over.json"


def _folder(of: Record | Ending) -> str:
    return f"{FOLDER}/{of.application}/{of.environment}"


def joined(records: Iterable[Record], endings: Iterable[Ending]) -> list[Record]:
    """Every record with its end, in the order they were seen."""
    over = {(each.application, each.environment, each.number): each.over for each in endings}
    known = (
        each.copy_with(over=each.over or over.get((each.application, each.environment, each.number)))
        for each in records
    )
    return sorted(known, key=lambda each: each.seen)


def records_of(records: Iterable[Record], application: str, environment: str) -> list[Record]:
    return [each for each in records if (each.application, each.environment) == (application, environment)]


def is_open(record: Record) -> bool:
    return record.over is None


class Saw(NamedTuple):
    """One place in one check."""

    place: Place
    finding: Finding
    since: datetime
    heals: tuple[Heal, ...]


class Span(NamedTuple):
    """The time from a promotion's or rollback's commit to its outcome; None while it has none."""

    since: datetime
    until: datetime | None


def news(saw: Saw, records: Sequence[Record], spans: Sequence[Span] = ()) -> Record | None:
    """The next record to write, one at a time: first self-heals, then drift that lasts.

    `records` and `spans` are the place's. Nothing is recorded while a promotion is in progress, and a self-heal in
    that time does not count as a change.
    """
    if any(span.until is None for span in spans):
        return None
    heals = (heal for heal in saw.heals if not any(_holds(span, heal) for span in spans))
    told = (healed(heal, saw.place, records) for heal in heals)
    return next(filter(None, told), None) or fresh(saw.finding, saw.place, records, saw.since)


def _holds(span: Span, heal: Heal) -> bool:
    return span.until is not None and span.since - _SKEW <= heal.began <= span.until + _SKEW


def fresh(finding: Finding, place: Place, records: Sequence[Record], since: datetime) -> Record | None:
    """A drift that has lasted since then and has no record yet; `records` are the place's."""
    known = {name for record in filter(is_open, records) for name in record.names}
    objects = tuple(each for each in finding.objects if each.object not in known)
    if not finding.is_drift or not objects:
        return None
    return Record(
        **place.model_dump(),
        number=_next(records),
        kind="both" if finding.kind == "both" else "cluster moved",
        objects=objects,
        revision=finding.revision,
        seen=since,
    )


def healed(heal: Heal, place: Place, records: Sequence[Record]) -> Record | None:
    """A change that Argo CD undid, unless it has a record: of this same operation, or of the drift before it."""
    if any(_is_it(record, frozenset(heal.objects), heal.began, heal.ended) for record in records):
        return None
    return Record(
        **place.model_dump(),
        number=_next(records),
        kind="self-healed",
        objects=tuple(Changed(object=name) for name in heal.objects),
        revision=heal.revision,
        seen=heal.began,
        over=heal.ended,
    )


def _is_it(record: Record, names: frozenset[str], began: datetime, ended: datetime) -> bool:
    if record.kind == "self-healed":
        return record.seen == began
    lasted = record.over is None or began <= record.over + _LAG
    return record.seen <= ended and lasted and bool(record.names & names)


def drift_end(finding: Finding, records: Sequence[Record], now: datetime) -> list[Ending]:
    """The recorded drifts of a place that have ended."""
    if not finding.is_certain:
        return []
    there = {each.object for each in finding.objects} if finding.is_drift else set()
    gone = [record for record in records if is_open(record) and not record.names & there]
    return [Ending(application=r.application, environment=r.environment, number=r.number, over=now) for r in gone]


def is_told(record: Record, records: Sequence[Record], now: datetime, latest: timedelta) -> bool:
    """Whether to inform people. An ended drift is reported only for a while. If a controller and Argo CD undo each
    other's changes, only the first one is reported and the rest counted. `records` are the earlier ones."""
    if record.over is None:
        return True
    earlier = (each for each in records if each.kind == "self-healed" and each.over and each.names & record.names)
    goes_on = any(timedelta() <= record.seen - each.over <= _FIGHT for each in earlier if each.over)
    return not goes_on and now - record.over <= latest


def reaches(records: Sequence[Record], newest: Record, threshold: int, window: timedelta) -> bool:
    """Whether the place's changes within the alert's window have reached its threshold."""
    return sum(newest.seen - window <= record.seen <= newest.seen for record in records) >= threshold


def _next(records: Sequence[Record]) -> int:
    return max((record.number for record in records), default=0) + 1
