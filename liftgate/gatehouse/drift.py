"""Looks every few seconds whether the cluster is as Git has it; what came past Git is written down and told, once."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import Final, NamedTuple

from liftgate.domain import drift_record, drift_words
from liftgate.domain.drift import Finding, heal, is_suspect, judge, merged, steady, within
from liftgate.domain.drift_record import Drifting, Here, Place, Record
from liftgate.domain.pipeline import Alert
from liftgate.domain.snapshot import Operation, Snapshot
from liftgate.domain.waves import names
from liftgate.errors import LiftgateError
from liftgate.gatehouse.drift_book import Book
from liftgate.gatehouse.drift_looks import Looked, Looks
from liftgate.gatehouse.drift_tell import TOO_LATE, Tell
from liftgate.gatehouse.house import House
from liftgate.integrations.deployer import Overview
from liftgate.integrations.deployer.drift import named
from liftgate.integrations.git.tree import Tree

log = logging.getLogger(__name__)
PATIENCE: Final = timedelta(seconds=12)
"""How long a disagreement must last: around every sync there is a short one."""


class Saw(NamedTuple):
    """One place in one look."""

    place: Place
    finding: Finding
    since: datetime
    healings: tuple[Operation, ...]


class Watch:
    def __init__(self, house: House) -> None:
        self.house, self.at = house, house.at
        self._since: dict[str, datetime] = {}
        self._book, self._tell = Book(house.at), Tell(house.at)
        self._looks: Looks | None = None

    def run(self, stop: Event) -> None:
        """Until told to stop; whatever goes wrong is said, and tried again."""
        while not stop.wait(self.pause()):
            try:
                self.once()
            except LiftgateError as error:
                trouble = f"drift could not be looked for: {error}"
                self.house.drift = Drifting(notice=trouble, looked=self.house.drift.looked)
                log.warning("drift could not be looked for: %s", error)
            except Exception:
                log.exception("the watch for drift failed; it goes on")

    def pause(self) -> float:
        """Seconds to the next look: sooner where somebody is under suspicion."""
        usual, now = self.at.settings.gatehouse.drift_seconds, self.at.clock.now()
        ripe_in = [(since + PATIENCE - now).total_seconds() for since in self._since.values()]
        return min([usual, *(max(1.0, left) for left in ripe_in if left > 0)])

    def once(self) -> Drifting:
        """One look at every application of the configuration: one request, and a few more for suspects."""
        overview, now = self.at.overview, self.at.clock.now()
        if overview is None:
            return Drifting()
        tree = self.house.tree
        monitoring = tree.configuration.monitoring
        if not monitoring.looks_at_argocd:
            self.house.drift = Drifting()
            return self.house.drift
        places = {
            Place(application=name, environment=environment): names(tree.argocd(name, environment))
            for name in tree.readable
            for environment in tree.configuration.order
        }
        ours = {name for all_of_it in places.values() for name in all_of_it}
        short = {name: seen for seen in overview.all() if (name := named(seen, ours))}
        statuses = tuple((place, _status(own, short)) for place, own in places.items())
        if not monitoring.looks_for_drift:
            self.house.drift = Drifting(statuses=statuses, looked=now)
            return self.house.drift
        looked = self._closer(overview, short, now)
        saw = [each for place, own in places.items() if (each := self._saw(place, own, short, looked, now))]
        self._follow(tree, saw, monitoring.drift, now)
        here = tuple(filter(None, map(_here, saw)))
        self.house.drift = Drifting(here=here, statuses=statuses, looked=now, notice=self._book.trouble)
        return self.house.drift

    def _closer(self, overview: Overview, short: Mapping[str, Snapshot], now: datetime) -> dict[str, Looked]:
        """Suspects that have been so for long enough, and operations that may have been self-heals."""
        self._looks = self._looks or Looks(overview)
        self._since = steady(self._since, (name for name, seen in short.items() if is_suspect(seen)), now)
        ripe = {name for name, since in self._since.items() if now - since >= PATIENCE}
        wanted = {name: seen for name, seen in short.items() if name in ripe or _may_be_healed(seen)}
        return self._looks.closer(wanted, now)

    def _saw(
        self,
        place: Place,
        own: tuple[str, ...],
        short: Mapping[str, Snapshot],
        looked: Mapping[str, Looked],
        now: datetime,
    ) -> Saw | None:
        """Of a suspect that was not looked at yet, nothing is said."""
        findings = {name: looked[name].finding for name in own if name in looked}
        findings |= {n: judge(short[n]) for n in own if n in short and n not in looked and not is_suspect(short[n])}
        if not findings:
            return None
        since = min((self._since[name] for name in findings if name in self._since), default=now)
        healings = (_healing(looked[name].seen, name, own) for name in own if name in looked)
        return Saw(place, merged(findings, own), since, tuple(filter(None, healings)))

    def _follow(self, tree: Tree, saw: list[Saw], alert: Alert | None, now: datetime) -> None:
        """Write down what is new and what is over; only for that Git is fetched, and asked for promotions under way."""
        self._book.write_the_rest(tree)
        records = self._book.records()
        by_place: defaultdict[Place, list[Record]] = defaultdict(list)
        for record in records:
            by_place[record.place].append(record)
        if news := [each for each in saw if _is_news(each, by_place[each.place], now)]:
            self._book.fetch()
            held = self._book.held(now)
            for each in news:
                self._over(tree, each, alert, now)
                if each.place not in held:
                    self._new(tree, each, alert, now)
        if alert and alert.count == 1:
            for record in records:
                self._tell.missed(tree, record, now)

    def _new(self, tree: Tree, each: Saw, alert: Alert | None, now: datetime) -> None:
        mine = _of(self._book.records(), each.place)
        record = _fresh(each, mine)
        if record is None or not self._book.write(record, tree) or alert is None:
            return
        enough = drift_record.reaches([*mine, record], record, alert.count, alert.span)
        if enough and _is_worth_telling(each, record, now):
            self._tell.found(tree, record)

    def _over(self, tree: Tree, each: Saw, alert: Alert | None, now: datetime) -> None:
        mine = {record.number: record for record in _of(self._book.records(), each.place)}
        for ending in drift_record.ended(each.finding, list(mine.values()), now):
            if self._book.write(ending, tree) and alert:
                self._tell.gone(tree, mine[ending.number].model_copy(update={"over": ending.over}))


def _status(own: tuple[str, ...], short: Mapping[str, Snapshot]) -> drift_record.Status:
    return drift_record.status_of(short[name].sync if name in short else None for name in own)


def _may_be_healed(short: Snapshot) -> bool:
    """The list does not say who asked for an operation, so after each new one somebody must look."""
    last = short.operation
    return short.self_heal and short.sync == "Synced" and last is not None and last.phase == "Succeeded"


def _of(records: list[Record], place: Place) -> list[Record]:
    return drift_record.of(records, place.application, place.environment)


def _is_news(each: Saw, mine: list[Record], now: datetime) -> bool:
    return _fresh(each, mine) is not None or bool(drift_record.ended(each.finding, mine, now))


def _healing(seen: Snapshot, name: str, own: tuple[str, ...]) -> Operation | None:
    last = heal(seen)
    return last and last.model_copy(update={"healed": tuple(within(thing, name, own) for thing in last.healed)})


def _fresh(each: Saw, records: list[Record]) -> Record | None:
    """One at a time: after the self-heals that are written down, what drifts in spite of them."""
    healed = (drift_record.healed(healing, each.place, records) for healing in each.healings)
    return next(filter(None, healed), None) or drift_record.fresh(each.finding, each.place, records, each.since)


def _is_worth_telling(each: Saw, record: Record, now: datetime) -> bool:
    """Of a fight between a controller and Argo CD only the beginning: it is counted, and nobody can do more."""
    if record.over is None:
        return True
    first = any(healing.heals == 1 and healing.started == record.seen for healing in each.healings)
    return first and now - record.over <= TOO_LATE


def _here(each: Saw) -> Here | None:
    sentence = "" if each.finding.kind == "self-healed" else drift_words.seen(each.finding)
    objects = len(each.finding.objects) if each.finding.is_drift else 0
    return Here(place=each.place, sentence=sentence, objects=objects) if sentence else None
