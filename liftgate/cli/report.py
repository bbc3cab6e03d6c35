"""Show the success metrics of each application and environment over the last days. It reads only Git."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any, Final

from liftgate.cli.answer import Answer, table
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain.reporting.report import Figures, report
from liftgate.integrations.clock import SystemClock

KEYS: Final = {
    "days": "length of the window",
    "since": "start of the window",
    "figures": "list of {application, environment, promotions, deployments_a_day, change_failure_rate, "
    "seconds_to_restore, sync_success_rate, commit_to_synced, rollback, by_hand, bypassed_rate, drift}; "
    "commit_to_synced and rollback are {count, p50, max} in seconds; by_hand counts promotions that people merged or "
    "pushed by hand, and bypassed_rate is the share of promotions that came past gates which were not open; drift "
    "counts changes that did not come through Git; null where there is no data",
    "unread": "list of sentences: files of the ledger that cannot be read; the figures leave them out",
}
_CLOCKS: Final = timedelta(days=1)
_HEAD = (
    "", "promotions", "a day", "change failure rate", "time to restore", "sync success rate",
    "commit → synced p50/max", "rollback p50/max", "by hand", "bypassed", "outside Git",
)  # fmt: skip


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)
    parser.add_argument("--days", type=float, default=30, metavar="N", help="length of the window (30)")


def run(given: Any) -> Answer:
    clone = Clone(given.repo)
    now = SystemClock().now()
    since = now - timedelta(days=given.days)
    places = [(name, environment) for name in clone.tree.applications for environment in clone.tree.configuration.order]
    # an outcome comes after its commit, by the clocks of two machines
    figures = report(clone.past.since(since - _CLOCKS), places, since, now, clone.drifts())
    rows = [_HEAD, *(_row(each) for each in figures)]
    unread = clone.unread()
    note = [] if clone.ledger else ["this clone has no ledger; after the first promotion, run: git fetch"]
    data = {
        "days": given.days,
        "since": since.isoformat(),
        "figures": [each.model_dump(mode="json") for each in figures],
        "unread": unread,
    }
    return Answer("\n".join([*table(rows), *note, *unread]), data)


def _row(figures: Figures) -> tuple[str, ...]:
    spans = (figures.commit_to_synced, figures.rollback)
    return (
        f"{figures.application} {figures.environment}",
        str(figures.promotions),
        f"{figures.deployments_a_day:.2f}",
        _percent(figures.change_failure_rate),
        _seconds(figures.seconds_to_restore),
        _percent(figures.sync_success_rate),
        *(f"{_seconds(span.p50)} / {_seconds(span.max)}" for span in spans),
        str(figures.by_hand),
        _percent(figures.bypassed_rate),
        str(figures.drift),
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _seconds(number: float | None) -> str:
    return "-" if number is None else f"{number:.1f} s"
