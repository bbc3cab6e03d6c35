"""Changes that came to a cluster past Git, as the ledger keeps them: one record each, and a second when it is over.

The records of a place are numbered, so whoever finds the same change writes the same file, and the second loses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args
from uuid import NAMESPACE_URL, uuid5

from liftgate.domain.drift import Changed, Finding, Heal
from liftgate.domain.value import Value

FOLDER: Final = "drift"
Status = Literal["Synced", "OutOfSync", "Unknown"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
_LAG = timedelta(minutes=1)
"""A drift that is over may have been put back by the self-heal that Argo CD reports as its last operation."""
_SKEW = timedelta(seconds=5)
"""What the cluster's clock and a worker's may differ by."""
_FIGHT = timedelta(minutes=10)
"""A controller and Argo CD that undo each other's changes do so again within five minutes, Argo CD's longest pause."""


class Place(Value):
    application: str
    environment: str


class Here(Value):
    """What the last look found in one place."""

    place: Place
    sentence: str
    objects: int = 0
    """How many were changed in the cluster."""


class Drifting(Value):
    """What the last look found."""

    here: tuple[Here, ...] = ()
    """A place without drift is not in it."""
    statuses: tuple[tuple[Place, Status], ...] = ()
    """Of all a place's Applications together."""
    looked: datetime | None = None
    """When Argo CD answered last."""
    notice: str = ""
    """What keeps drift from being looked for or counted."""

    def sentence(self, application: str, environment: str) -> str:
        place = Place(application=application, environment=environment)
        return next((each.sentence for each in self.here if each.place == place), "")


def status_of(seen: Iterable[str | None]) -> Status:
    """The worst of the Applications' own words; None for one that is not there."""
    words = set(seen)
    if not words or words - {"Synced", "OutOfSync"}:
        return "Unknown"
    return "OutOfSync" if "OutOfSync" in words else "Synced"


class Record(Value):
    """One out-of-band change."""

    application: str
    environment: str
    number: int
    """Counted from 1 within the place."""
    kind: Literal["cluster moved", "both", "self-healed"]
    objects: tuple[Changed, ...]
    revision: str = ""
    """The commit that was synced last."""
    seen: datetime
    over: datetime | None = None
    """When it was gone; a file never changes, so of a lasting drift the end is in a file of its own."""

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


class Ending(Value):
    """That a drift is gone."""

    application: str
    environment: str
    number: int
    over: datetime

    @property
    def path(self) -> str:
        return f"{_folder(self)}/{self.number:06d}-over.json"


def _folder(of: Record | Ending) -> str:
    return f"{FOLDER}/{of.application}/{of.environment}"


def joined(records: Iterable[Record], endings: Iterable[Ending]) -> list[Record]:
    """Every record with its end, in the order they were seen."""
    over = {(each.application, each.environment, each.number): each.over for each in endings}
    known = (
        each.model_copy(update={"over": each.over or over.get((each.application, each.environment, each.number))})
        for each in records
    )
    return sorted(known, key=lambda each: each.seen)


def of(records: Iterable[Record], application: str, environment: str) -> list[Record]:
    return [each for each in records if (each.application, each.environment) == (application, environment)]


def is_open(record: Record) -> bool:
    return record.over is None


class Saw(NamedTuple):
    """One place in one look."""

    place: Place
    finding: Finding
    since: datetime
    heals: tuple[Heal, ...]


class Span(NamedTuple):
    """From a promotion's or rollback's commit to its outcome; None while it has none."""

    since: datetime
    until: datetime | None


def news(saw: Saw, records: Sequence[Record], spans: Sequence[Span] = ()) -> Record | None:
    """What of it is to be written down next: after the self-heals what drifts in spite of them, one at a time.

    `records` and `spans` are the place's. While a promotion is under way nothing is, and what Argo CD put back in
    that time is not somebody's change.
    """
    if any(span.until is None for span in spans):
        return None
    heals = (heal for heal in saw.heals if not any(_holds(span, heal) for span in spans))
    told = (healed(heal, saw.place, records) for heal in heals)
    return next(filter(None, told), None) or fresh(saw.finding, saw.place, records, saw.since)


def _holds(span: Span, heal: Heal) -> bool:
    return span.until is not None and span.since - _SKEW <= heal.began <= span.until + _SKEW


def fresh(finding: Finding, place: Place, records: Sequence[Record], since: datetime) -> Record | None:
    """What of a drift that lasts since then nobody has written down yet; `records` are the place's."""
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
    """What Argo CD put back itself, unless it is written down already: by this very operation, or as a drift before."""
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


def ended(finding: Finding, records: Sequence[Record], now: datetime) -> list[Ending]:
    """The drifts of a place of which nothing is left."""
    if not finding.is_certain:
        return []
    there = {each.object for each in finding.objects} if finding.is_drift else set()
    gone = [record for record in records if is_open(record) and not record.names & there]
    return [Ending(application=r.application, environment=r.environment, number=r.number, over=now) for r in gone]


def is_told(record: Record, records: Sequence[Record], now: datetime, latest: timedelta) -> bool:
    """Whether people should hear of it; of what is over, only for a while, and of a fight between a controller and
    Argo CD only the beginning: it is counted, and nobody can do more. `records` are those before it."""
    if record.over is None:
        return True
    earlier = (each for each in records if each.kind == "self-healed" and each.over and each.names & record.names)
    goes_on = any(timedelta() <= record.seen - each.over <= _FIGHT for each in earlier if each.over)
    return not goes_on and now - record.over <= latest


def reaches(records: Sequence[Record], newest: Record, threshold: int, window: timedelta) -> bool:
    """Whether with the newest of a place's changes as many as the alert asks for were seen within its window."""
    return sum(newest.seen - window <= record.seen <= newest.seen for record in records) >= threshold


def _next(records: Sequence[Record]) -> int:
    return max((record.number for record in records), default=0) + 1
