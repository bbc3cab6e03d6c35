"""The metrics for Prometheus: what `monitoring.metrics` of liftgate.json names, by application and environment."""

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
from liftgate.domain.drift.record import STATUSES, Drifting, Place
from liftgate.domain.ledger import ledger
from liftgate.domain.reporting.metrics import Tally, bucketed, drifting, exported, tally
from liftgate.errors import LiftgateError
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.ledger import git_branch
from liftgate.server.state import ServerState
from liftgate.services.in_force import SnapshotInForce, snapshot_for_people
from liftgate.wiring import Integrations

_WHERE: Final = ("application", "environment")


def metrics(request: Request) -> Response:
    """From the last fetch of Git and the last look at Argo CD: a scrape waits for neither, but requests a fetch."""
    state: ServerState = request.app.state.state
    state.looked.set()
    try:
        registry = CollectorRegistry()
        registry.register(_Ready(_families(state)))
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": content_type})
    except LiftgateError as error:
        return PlainTextResponse(f"{error}\n", status_code=503)


class _Ready(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(state: ServerState) -> Iterator[Metric]:
    tree = snapshot_for_people(state.tree)
    monitoring = tree.configuration.monitoring
    wanted = exported(monitoring)
    places = _places(tree)
    yield InfoMetricFamily("liftgate_build", "The Liftgate server that answers", value={"version": __version__})
    yield _configuration(tree)
    yield _pauses(state)
    if monitoring.looks_at_argocd:
        yield _last_look(state.drift)
    if "sync-status" in wanted:
        yield _sync_status(state.drift, places)
    if "drift-detection" in wanted:
        yield from _drift(state, places)
    if not {"apply-duration", "error-rate"}.intersection(wanted):
        return
    tallies = _tallies(state.at, tree, state.at.git.resolve(git_branch.REF))
    if "apply-duration" in wanted:
        yield _durations(tallies)
    if "error-rate" in wanted:
        yield from _outcomes(tallies)


def _places(tree: ConfigSnapshot) -> list[Place]:
    return [Place(application=a, environment=e) for a in tree.readable for e in tree.configuration.order]


@lru_cache(maxsize=1)
def _tallies(at: Integrations, tree: ConfigSnapshot, _tip: str) -> list[Tally]:
    """Counted once for each tip of the ledger, not at each scrape: an old ledger has many entries."""
    mine = ledger.by_place(at.entries())
    return [tally(mine[_labels(place)], place) for place in _places(tree)]


def _configuration(tree: SnapshotInForce) -> Metric:
    said = "1 while liftgate.json on the main branch can be used; at 0 only rollbacks begin"
    return GaugeMetricFamily("liftgate_configuration_usable", said, value=not tree.in_force.since)


def _pauses(state: ServerState) -> Metric:
    gone = sum(pause.branch_deleted for pause in state.at.pauses())
    said = "Pauses in force whose branch was deleted without a signed statement"
    return GaugeMetricFamily("liftgate_pauses_without_branch", said, value=gone)


def _last_look(seen: Drifting) -> Metric:
    looked = seen.looked.timestamp() if seen.looked else 0.0
    said = "When Argo CD last answered the Liftgate server; 0 if never"
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


def _drift(state: ServerState, places: list[Place]) -> Iterator[Metric]:
    records = state.at.drifts()
    objects = drifting(state.drift, records)
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
        "liftgate_apply_duration_seconds", "Time from the commit to synced and healthy", labels=_WHERE
    )
    for each in tallies:
        buckets = [(_bound(bound), number) for bound, number in bucketed(each.applied)]
        durations.add_metric(_labels(each.place), buckets=buckets, sum_value=sum(each.applied))
    return durations


def _outcomes(tallies: list[Tally]) -> Iterator[Metric]:
    promotions = CounterMetricFamily(
        "liftgate_promotions", "Promotions and updates that ended", labels=(*_WHERE, "outcome")
    )
    errors = CounterMetricFamily("liftgate_errors", "Errors after a commit, by kind", labels=(*_WHERE, "kind"))
    last = GaugeMetricFamily(
        "liftgate_last_error_timestamp_seconds", "When the last such error was; 0 if never", labels=(*_WHERE, "kind")
    )
    verified = GaugeMetricFamily(
        "liftgate_last_verified_timestamp_seconds", "When the environment was last verified; 0 if never", labels=_WHERE
    )
    bypassed = CounterMetricFamily(
        "liftgate_bypassed", "Changes that people made by hand past gates that were not open", labels=_WHERE
    )
    last_bypassed = GaugeMetricFamily(
        "liftgate_last_bypassed_timestamp_seconds", "When the last such change was recorded; 0 if never", labels=_WHERE
    )
    for each in tallies:
        bypassed.add_metric(_labels(each.place), each.bypassed)
        last_bypassed.add_metric(_labels(each.place), each.last_bypassed)
        verified.add_metric(_labels(each.place), each.last_verified)
        for outcome, number in each.outcomes.items():
            promotions.add_metric((*_labels(each.place), outcome), number)
        for kind, number in each.errors.items():
            errors.add_metric((*_labels(each.place), kind), number)
            last.add_metric((*_labels(each.place), kind), each.last_error[kind])
    yield from (promotions, errors, last, verified, bypassed, last_bypassed)


def _bound(seconds: float) -> str:
    return "+Inf" if isinf(seconds) else str(seconds)


def _labels(place: Place) -> tuple[str, str]:
    return place.application, place.environment
