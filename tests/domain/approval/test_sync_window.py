"""Argo CD's sync windows: whether a sync may start is its word; when one will, what the project's windows say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from liftgate_sandbox.argocd.windows import active, can_sync

from liftgate.domain.approval.sync_window import Closed, Windows, read_windows

CASES = Path(__file__).parents[2] / "cases" / "argocd"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
"""A Tuesday."""


def recorded(number: int) -> Any:
    [path] = CASES.glob(f"{number}-*.json")
    return json.loads(path.read_text())["response"]["body"]


def window(kind: str, schedule: str, duration: str, zone: str = "", **more: Any) -> dict[str, Any]:
    """As a project has it."""
    return {"kind": kind, "schedule": schedule, "duration": duration} | ({"timeZone": zone} if zone else {}) | more


def answer(windows: list[Any], now: datetime) -> dict[str, Any]:
    """What Argo CD says of them: without their time zones."""

    def shown(each: list[Any]) -> list[Any]:
        names = ("kind", "schedule", "duration")
        return [{n: one[n] for n in names} | {"manualSync": bool(one.get("manualSync"))} for one in each]

    at = now.timestamp()
    lists = {"activeWindows": shown(active(windows, at)), "assignedWindows": shown(windows)}
    return {name: each for name, each in lists.items() if each} | {"canSync": can_sync(windows, at, manual=True)}


def closed(windows: list[Any], *, readable: bool = True, now: datetime = NOON) -> Closed | None:
    return read_windows("shop", answer(windows, now), windows if readable else [], now)


def test_what_was_recorded_is_open_and_closed() -> None:
    assert read_windows("shop", recorded(304), [], NOON) is None
    found = read_windows("shop", recorded(316), [], NOON)
    assert found
    assert found.sentence == "Argo CD's sync window blocks shop (deny * * * * * for 1h)"


def test_without_the_project_its_end_is_not_known() -> None:
    found = closed([window("deny", "0 11 * * *", "2h")], readable=False)
    assert found
    assert (found.until, "until" in found.sentence) == (None, False)


@pytest.mark.parametrize(
    ("windows", "until"),
    [
        ([window("deny", "0 11 * * *", "2h")], NOON + timedelta(hours=1)),
        ([window("deny", "0 12 * * *", "1h30m", "Europe/Berlin")], NOON + timedelta(minutes=30)),
        ([window("deny", "0 11 * * *", "2h"), window("deny", "0 13 * * *", "1h")], NOON + timedelta(hours=2)),
        ([window("allow", "0 15 * * *", "1h")], NOON + timedelta(hours=3)),
        ([window("allow", "0 15 * * *", "1h"), window("deny", "0 15 * * *", "30m")], NOON + timedelta(hours=3.5)),
        ([window("allow", "0 15 * * *", "1h"), window("deny", "0 15 * * *", "1h")], None),
        ([window("deny", "* * * * *", "1h")], None),
        ([window("deny", "0 11 * * *", "2h"), window("deny", "0 11 * * *", "2h", "Asia/Tokyo")], None),
    ],
)
def test_its_end_is_when_argo_cd_would_sync_again(windows: list[Any], until: datetime | None) -> None:
    found = closed(windows)
    assert found
    assert found.until == until


written = some.lists(
    some.builds(
        window,
        some.sampled_from(["deny", "allow"]),
        some.sampled_from(["0 9 * * *", "30 11 * * *", "0 13 * * MON-FRI", "0 18 * * FRI", "15 */6 * * *"]),
        some.sampled_from(["30m", "1h", "3h30m", "8h"]),
        some.sampled_from(["", "Europe/Berlin", "Asia/Tokyo"]),
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=40)
@given(written, some.integers(0, 7 * 24 * 4))
def test_at_its_end_a_sync_may_start_and_not_before(windows: list[Any], quarters: int) -> None:
    now = NOON + timedelta(minutes=15 * quarters)
    found = closed(windows, now=now)
    assume(found and found.until)
    assert found
    assert found.until
    assert can_sync(windows, found.until.timestamp(), manual=True)
    waited = found.until - now
    before = (now, now + waited / 3, now + waited / 2, found.until - timedelta(minutes=1))
    assert not any(can_sync(windows, one.timestamp(), manual=True) for one in before if now <= one < found.until)


def test_all_of_an_environment_must_be_open() -> None:
    one, other = (closed([window("deny", "0 11 * * *", f"{hours}h")]) for hours in (2, 3))
    assert one
    assert other
    both = Windows(closed=(one, other))
    assert (both.verdict.pending, both.until) == (True, NOON + timedelta(hours=2))
    assert Windows(closed=(one, other.copy_with(until=None))).until is None
    assert Windows().verdict.passed
    assert Windows(unknown="no answer").verdict.pending
