"""Compares the cluster with Git every few seconds; records changes from outside Git and notifies people once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import Protocol

from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.config.pipeline import Alert
from liftgate.domain.drift import record as drift_record
from liftgate.domain.drift.record import Drifting, Here, Place, Record, Saw, Span
from liftgate.domain.promotion import drift_words
from liftgate.errors import LiftgateError
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.drift_book import Book
from liftgate.services.drift_sight import Sight
from liftgate.services.drift_tell import TOO_LATE, Tell
from liftgate.services.in_force import snapshot_for_people
from liftgate.services.ports import CanAttest, HasBranch, HasChat, HasDriftRecords, HasLimits, HasOverview


class Ports(CanAttest, HasBranch, HasOverview, HasChat, HasLimits, HasDriftRecords, Protocol):
    """What these use cases need."""


log = logging.getLogger(__name__)


class Watch:
    def __init__(self, at: Ports) -> None:
        self.at = at
        self.seen = Drifting()
        """What the last look saw."""
        self._book, self._tell = Book(at), Tell(at)
        self._sight: Sight | None = None

    def run(self, stop: Event) -> None:
        """Run until `stop` is set; log every error, and try again."""
        while not stop.wait(self.pause()):
            try:
                self.once()
            except LiftgateError as error:
                trouble = f"drift could not be looked for: {error}"
                self.seen = Drifting(notice=trouble, looked=self.seen.looked)
                log.warning("drift could not be looked for: %s", error)
            except Exception:
                log.exception("the watch for drift failed; it goes on")

    def pause(self) -> float:
        """Seconds to the next look: sooner where drift is suspected."""
        usual, now = self.at.limits.drift_every, self.at.clock.now()
        ripe_in = self._sight.ripe_in(now) if self._sight else []
        return min([usual, *(max(1.0, left) for left in ripe_in if left > 0)])

    def once(self) -> Drifting:
        """One look at every application of the configuration: one request, and a few more for suspects."""
        overview, now = self.at.overview, self.at.clock.now()
        if overview is None:
            return Drifting()
        sight = self._sight = self._sight or Sight(overview)
        tree = snapshot_for_people(self.at.latest)
        monitoring = tree.configuration.monitoring
        if not monitoring.looks_at_argocd:
            self.seen = Drifting()
            return self.seen
        places = {
            Place(application=name, environment=environment): names(tree.argocd(name, environment))
            for name in tree.readable
            for environment in tree.configuration.order
        }
        short = sight.all(places)
        statuses = tuple((place, _status(own, short)) for place, own in places.items())
        if not monitoring.looks_for_drift:
            self.seen = Drifting(statuses=statuses, looked=now)
            return self.seen
        saw = sight.look(places, short, now)
        self._follow(tree, saw, monitoring.drift, now)
        here = tuple(filter(None, map(_here, saw)))
        self.seen = Drifting(here=here, statuses=statuses, looked=now, notice=self._book.trouble)
        return self.seen

    def _follow(self, tree: ConfigSnapshot, saw: list[Saw], alert: Alert | None, now: datetime) -> None:
        """Record what is new and what is over; only this needs a fetch and the promotions under way."""
        self._book.write_the_rest(tree)
        records = self._book.records()
        by_place: defaultdict[Place, list[Record]] = defaultdict(list)
        for record in records:
            by_place[record.place].append(record)
        if changed := [each for each in saw if _is_news(each, by_place[each.place], now)]:
            self._book.fetch()
            spans = self._book.spans(now)
            for each in changed:
                self._over(tree, each, alert, now)
                self._new(tree, each, spans.get(each.place, ()), alert, now)
        if alert and alert.count == 1:
            for record in records:
                self._tell.missed(tree, record, now)

    def _new(self, tree: ConfigSnapshot, each: Saw, spans: Sequence[Span], alert: Alert | None, now: datetime) -> None:
        mine = _of(self._book.records(), each.place)
        record = drift_record.news(each, mine, spans)
        if record is None or not self._book.write(record, tree) or alert is None:
            return
        enough = drift_record.reaches([*mine, record], record, alert.count, alert.span)
        if enough and drift_record.is_told(record, mine, now, TOO_LATE):
            self._tell.found(tree, record)

    def _over(self, tree: ConfigSnapshot, each: Saw, alert: Alert | None, now: datetime) -> None:
        mine = {record.number: record for record in _of(self._book.records(), each.place)}
        for ending in drift_record.drift_end(each.finding, list(mine.values()), now):
            if self._book.write(ending, tree) and alert:
                self._tell.gone(tree, mine[ending.number].copy_with(over=ending.over))


def _status(own: tuple[str, ...], short: Mapping[str, Snapshot]) -> drift_record.Status:
    return drift_record.drift_status(short[name].sync if name in short else None for name in own)


def _of(records: list[Record], place: Place) -> list[Record]:
    return drift_record.records_of(records, place.application, place.environment)


def _is_news(each: Saw, mine: list[Record], now: datetime) -> bool:
    return drift_record.news(each, mine) is not None or bool(drift_record.drift_end(each.finding, mine, now))


def _here(each: Saw) -> Here | None:
    sentence = "" if each.finding.kind == "self-healed" else drift_words.seen(each.finding)
    objects = len(each.finding.objects) if each.finding.is_drift else 0
    return Here(place=each.place, sentence=sentence, objects=objects) if sentence else None
