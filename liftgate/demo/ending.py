"""What the demo proves: the expectations that were met or not, and a table computed only from Git and the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from liftgate.demo.repository import APPLICATION, ENVIRONMENTS
from liftgate.demo.world import World
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.reporting.report import report
from liftgate.integrations.git.history import promotion_commits

PROMISE_SYNCED, PROMISE_ROLLED_BACK = 300.0, 180.0


class Expectations:
    """The demo succeeds only if all expectations are met."""

    def __init__(self) -> None:
        self.broken: list[str] = []

    def check(self, claim: str, *, holds: bool) -> None:
        if not holds:
            self.broken.append(claim)


def table(entries: Sequence[Entry]) -> list[list[str]]:
    """The ledger's entries, oldest first."""
    rows = [["what", "where", "outcome", "commit → synced", "requested by", "approved by"]]
    for entry in entries:
        what = f"rollback to {entry.version}" if entry.kind == "rollback" else f"{entry.kind} {entry.version}"
        approved = ", ".join(entry.approved_by) or "-"
        rows.append([what, entry.environment, entry.outcome, _to_synced(entry), entry.requested_by or "-", approved])
    return rows


def metrics(world: World) -> list[list[str]]:
    """The four success metrics of each environment during this demo."""
    now = world.at.clock.now()
    places = [(APPLICATION, name) for name in ENVIRONMENTS]
    figures = report(world.at.entries(APPLICATION), places, now - timedelta(days=1), now)
    rows = [["environment", "deployments a day", "change failure rate", "time to restore", "sync success rate"]]
    for each in figures:
        restore = "-" if each.seconds_to_restore is None else f"{each.seconds_to_restore:.0f} s"
        rows.append(
            [
                each.environment,
                f"{each.deployments_a_day:g}",
                _share(each.change_failure_rate),
                restore,
                _share(each.sync_success_rate),
            ]
        )
    return rows


def check_history(world: World, expect: Expectations) -> None:
    """Check that each change is one commit in Git, and that syncs and rollbacks meet the promised times."""
    at = world.at
    at.git.fetch()
    entries = at.entries(APPLICATION)
    committed = [entry for entry in entries if entry.times.committed]
    ids = [change.promotion for change in promotion_commits(at.git, at.git.ref)]
    expect.check("every promotion and rollback made exactly one commit", holds=len(ids) == len(set(ids)))
    expect.check(
        "every commit has its entry in the ledger",
        holds=set(ids) == {entry.promotion for entry in committed},
    )
    for entry in committed:
        if entry.times.synced and entry.times.committed:
            seconds = (entry.times.synced - entry.times.committed).total_seconds()
            expect.check(f"{entry.environment} synced in < 5 minutes", holds=seconds < PROMISE_SYNCED)
        if entry.kind == "rollback":
            took = (entry.times.finished - entry.times.requested).total_seconds()
            expect.check("the rollback took < 3 minutes", holds=took < PROMISE_ROLLED_BACK)


def _to_synced(entry: Entry) -> str:
    if not entry.times.committed or not entry.times.synced:
        return "-"
    return f"{(entry.times.synced - entry.times.committed).total_seconds():.1f} s"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"
