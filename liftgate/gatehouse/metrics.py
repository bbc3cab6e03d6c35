"""What Prometheus reads: all that `monitoring.metrics` of liftgate.json names, for each application and environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import isinf
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from liftgate import __version__
from liftgate.domain import ledger
from liftgate.domain.drift_record import STATUSES, Drifting, Place
from liftgate.domain.metrics import Tally, bucketed, drifting, exported, tally
from liftgate.errors import LiftgateError
from liftgate.gatehouse.house import House
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.ledger import git_branch
from liftgate.wiring import Integrations

_WHERE: Final = ("application", "environment")


def metrics(request: Request) -> Response:
    """From Git as last fetched and Argo CD as last seen: a scrape waits for neither, but it has the mirror fetched."""
    house: House = request.app.state.house
    house.looked.set()
    try:
        registry = CollectorRegistry()
        registry.register(_Ready(_families(house)))
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": content_type})
    except LiftgateError as error:
        return PlainTextResponse(f"{error}\n", status_code=503)


class _Ready(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(house: House) -> Iterator[Metric]:
    tree = house.tree
    monitoring = tree.configuration.monitoring
    wanted = exported(monitoring)
    places = _places(tree)
    yield InfoMetricFamily("liftgate_build", "The gatehouse that answers", value={"version": __version__})
    if monitoring.looks_at_argocd:
        yield _last_look(house.drift)
    if "sync-status" in wanted:
        yield _sync_status(house.drift, places)
    if "drift-detection" in wanted:
        yield from _drift(house, places)
    if not {"apply-duration", "error-rate"}.intersection(wanted):
        return
    tallies = _tallies(house.at, tree, house.at.git.resolve(git_branch.REF))
    if "apply-duration" in wanted:
        yield _durations(tallies)
    if "error-rate" in wanted:
        yield from _outcomes(tallies)


def _places(tree: Tree) -> list[Place]:
    return [Place(application=a, environment=e) for a in tree.readable for e in tree.configuration.order]


@lru_cache(maxsize=1)
def _tallies(at: Integrations, tree: Tree, _tip: str) -> list[Tally]:
    """Counted once for each tip of the ledger, however often Prometheus looks: a ledger of years has many entries."""
    mine = ledger.by_place(at.entries())
    return [tally(mine[_labels(place)], place) for place in _places(tree)]


def _last_look(seen: Drifting) -> Metric:
    looked = seen.looked.timestamp() if seen.looked else 0.0
    said = "When Argo CD answered the last look; 0 when never"
    return GaugeMetricFamily("liftgate_last_look_timestamp_seconds", said, value=looked)


def _sync_status(seen: Drifting, places: list[Place]) -> Metric:
    statuses = GaugeMetricFamily(
        "liftgate_sync_status", "1 for the status Argo CD had at the last look", labels=(*_WHERE, "status")
    )
    found = dict(seen.statuses)
    for place in places:
        now = found.get(place, "Unknown")
        for status in STATUSES:
            statuses.add_metric((*_labels(place), status), float(status == now))
    return statuses


def _drift(house: House, places: list[Place]) -> Iterator[Metric]:
    records = house.at.drifts()
    objects = drifting(house.drift, records)
    counts = Counter(record.place for record in records)
    drift = GaugeMetricFamily(
        "liftgate_drift_resources", "Objects in the cluster that were changed outside Git", labels=_WHERE
    )
    drifts = CounterMetricFamily("liftgate_drifts", "Changes of the cluster that were made outside Git", labels=_WHERE)
    for place in places:
        drift.add_metric(_labels(place), objects.get(place, 0))
        drifts.add_metric(_labels(place), counts[place])
    yield from (drift, drifts)


def _durations(tallies: list[Tally]) -> Metric:
    durations = HistogramMetricFamily(
        "liftgate_apply_duration_seconds", "From the commit to synced and healthy", labels=_WHERE
    )
    for each in tallies:
        buckets = [(_bound(bound), number) for bound, number in bucketed(each.applied)]
        durations.add_metric(_labels(each.place), buckets=buckets, sum_value=sum(each.applied))
    return durations


def _outcomes(tallies: list[Tally]) -> Iterator[Metric]:
    promotions = CounterMetricFamily(
        "liftgate_promotions", "Promotions and updates that ended", labels=(*_WHERE, "outcome")
    )
    errors = CounterMetricFamily(
        "liftgate_errors", "What went wrong after a commit, by where it did", labels=(*_WHERE, "kind")
    )
    last = GaugeMetricFamily(
        "liftgate_last_error_timestamp_seconds", "When it last went wrong; 0 when never", labels=(*_WHERE, "kind")
    )
    verified = GaugeMetricFamily(
        "liftgate_last_verified_timestamp_seconds", "When it was last verified good; 0 when never", labels=_WHERE
    )
    for each in tallies:
        verified.add_metric(_labels(each.place), each.last_verified)
        for outcome, number in each.outcomes.items():
            promotions.add_metric((*_labels(each.place), outcome), number)
        for kind, number in each.errors.items():
            errors.add_metric((*_labels(each.place), kind), number)
            last.add_metric((*_labels(each.place), kind), each.last_error[kind])
    yield from (promotions, errors, last, verified)


def _bound(seconds: float) -> str:
    return "+Inf" if isinf(seconds) else str(seconds)


def _labels(place: Place) -> tuple[str, str]:
    return place.application, place.environment
