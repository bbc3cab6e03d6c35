"""The four success metrics, and two durations, over entries made for the purpose."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from liftgate.domain.drift.record import Record
from liftgate.domain.ledger.by_hand import ByHand
from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.domain.reporting.report import Figures, report
from tests.examples import NOW, entry

SINCE = NOW - timedelta(days=10)


def promotion(name: str, minute: float, outcome: str = "promoted", **more: Any) -> Entry:
    """Asked for at a minute before NOW - 1 day, committed 10 s, synced 20 s and verified 40 s later."""
    began = NOW - timedelta(days=1) + timedelta(minutes=minute)
    good = outcome in ("promoted", "verified")
    times = Times(
        requested=began,
        committed=after(began, 10),
        synced=after(began, 20),
        verified=after(began, 40) if good else None,
        finished=after(began, 40),
    )
    plain = {"promotion": name, "outcome": outcome, "times": times, "first_sync": True}
    return entry(**(plain | more))


def rollback(of: str, minute: float, **more: Any) -> Entry:
    return promotion(f"back-{of}", minute, "verified", kind="rollback", reverts=of, **more)


def after(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=seconds)


def figures(*entries: Entry) -> Figures:
    return report(entries, [("example-app", "staging")], SINCE, NOW)[0]


def test_without_entries_there_is_nothing_to_divide_by() -> None:
    found = figures()
    assert found.promotions == 0
    assert found.deployments_a_day == 0
    assert (found.change_failure_rate, found.seconds_to_restore, found.sync_success_rate) == (None, None, None)
    assert found.commit_to_synced.p50 is None


def test_deployments_are_promotions_and_updates_that_committed() -> None:
    found = figures(
        promotion("one", 0),
        promotion("two", 5, kind="update"),
        promotion("three", 10, "refused"),
        promotion("four", 15, "verified"),
        rollback("two", 20),
    )
    assert found.promotions == 2
    assert found.deployments_a_day == pytest.approx(0.2)


@pytest.mark.parametrize("outcome", ["rolled back", "failed", "rollback failed"])
def test_a_promotion_that_failed_after_its_commit_counts_as_a_failure(outcome: str) -> None:
    assert figures(promotion("one", 0), promotion("two", 5, outcome)).change_failure_rate == 0.5


def test_a_good_promotion_that_somebody_took_back_later_is_a_failure_too() -> None:
    found = figures(promotion("one", 0), rollback("one", 60))
    assert found.change_failure_rate == 1
    assert found.seconds_to_restore == 60 * 60 + 30


def test_time_to_restore_ends_with_whatever_made_it_good_again() -> None:
    by_rollback = figures(promotion("one", 0, "rolled back"), rollback("one", 1))
    by_release = figures(promotion("one", 0, "rollback failed"), promotion("two", 2))
    assert by_rollback.seconds_to_restore == 60 + 30
    assert by_release.seconds_to_restore == 120 + 30


def test_going_back_to_a_chosen_promotion_makes_a_failure_of_each_that_it_took_back() -> None:
    back = rollback("", 120, restores="one", took_back=("three", "two"))
    found = figures(promotion("one", 0), promotion("two", 30), promotion("three", 60), back)
    assert found.change_failure_rate == pytest.approx(2 / 3)
    assert found.seconds_to_restore == 75 * 60 + 30, "the third one healed nothing: it was taken back as well"


def test_the_rollback_of_another_one_heals_nothing_where_the_bad_one_was_still_in() -> None:
    found = figures(promotion("one", 0), promotion("two", 30), rollback("two", 40), rollback("one", 60))
    assert found.seconds_to_restore == ((60 - 0) * 60 + 30 + (40 - 30) * 60 + 30) / 2


def test_what_was_committed_before_the_bad_commit_heals_nothing() -> None:
    late = promotion("early", -1, times=promotion("early", -1).times.copy_with(verified=NOW))
    assert figures(late, promotion("bad", 0, "failed")).seconds_to_restore is None


def test_sync_success_counts_first_operations_of_those_that_came_to_a_sync() -> None:
    found = figures(
        promotion("one", 0),
        promotion("two", 5, first_sync=False),
        promotion("three", 10, "failed", first_sync=None),
    )
    assert found.sync_success_rate == 0.5


def test_only_the_window_counts() -> None:
    old = promotion("old", -60 * 24 * 30, "rolled back")
    assert figures(old, promotion("one", 0)).change_failure_rate == 0


def test_an_environment_sees_only_its_own() -> None:
    assert figures(promotion("one", 0, environment="prod")).promotions == 0


def test_durations_are_the_median_and_the_longest() -> None:
    slow = promotion("slow", 5)
    slow = slow.copy_with(times=slow.times.copy_with(synced=after(slow.times.requested, 110)))
    found = figures(promotion("one", 0), promotion("two", 3), slow, rollback("one", 20))
    assert (found.commit_to_synced.count, found.commit_to_synced.p50, found.commit_to_synced.max) == (3, 10, 100)
    assert (found.rollback.count, found.rollback.p50) == (1, 40)


def test_changes_past_git_are_counted_where_they_were_seen_within_the_window() -> None:
    def drift(number: int, days: float, environment: str = "staging") -> Record:
        return Record(
            application="example-app", environment=environment, number=number, kind="cluster moved",
            objects=(), seen=NOW - timedelta(days=days),
        )  # fmt: skip

    drifts = [drift(1, 11), drift(2, 9), drift(3, 1), drift(1, 1, "prod")]
    places = [("example-app", "staging"), ("example-app", "prod"), ("example-app", "dev")]
    assert [each.drift for each in report([], places, SINCE, NOW, drifts)] == [2, 1, 0]


def test_changes_by_hand_are_deployments_and_the_share_of_the_bypassed_ones_is_told() -> None:
    """Also those that a promotion found and verified."""
    pushed = ByHand(how="pushed", by="ada", bypassed=("needs 1 approval: grace",))
    found = figures(
        promotion("one", 0),
        promotion("two", 5, kind="update", by_hand=ByHand(how="merged", by="ada")),
        promotion("three", 10, "rolled back", kind="update", by_hand=pushed),
        promotion("four", 15, "verified", by_hand=pushed),
    )
    assert (found.promotions, found.by_hand, found.bypassed_rate, found.change_failure_rate) == (4, 3, 0.5, 0.25)
    assert figures().bypassed_rate is None
