"""Sync windows: when they are open, and what they stop."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from liftgate_sandbox.argocd.windows import active, can_sync

from sandbox_tests.argocd.lab import Lab
from sandbox_tests.argocd.repository import settings

_NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC).timestamp()
"""A Tuesday."""


def window(schedule: str, duration: str = "1h", kind: str = "deny", **more: Any) -> Any:
    return {"kind": kind, "schedule": schedule, "duration": duration} | more


@pytest.mark.parametrize(
    ("schedule", "duration", "is_open"),
    [
        ("* * * * *", "1h", True),
        ("0 12 * * *", "1h", True),
        ("0 11 * * *", "1h", False),
        ("30 11 * * *", "1h", True),
        ("0 18 * * FRI", "62h", False),
        ("0 18 * * MON", "62h", True),
        ("*/15 * * * *", "1m", True),
        ("7-59/30 * * * *", "5m", False),
        ("0 0 24 11 *", "13h", True),
        ("0 12 * * 7", "1h", False),
        ("0 12 * * 1-5", "1h", True),
    ],
)
def test_a_window_is_open_from_its_schedule_for_its_duration(schedule: str, duration: str, *, is_open: bool) -> None:
    assert bool(active([window(schedule, duration)], _NOON)) is is_open


@pytest.mark.parametrize(("zone", "is_open"), [("Asia/Tokyo", True), ("", False), ("No/Where", False)])
def test_a_window_counts_in_its_time_zone_and_an_unknown_one_is_utc(zone: str, *, is_open: bool) -> None:
    assert bool(active([window("0 21 * * *", timeZone=zone)], _NOON)) is is_open


_INSIDE, _OUTSIDE = "0 12 * * *", "0 3 * * *"


@pytest.mark.parametrize(
    ("windows", "manual", "automatic"),
    [
        ([], True, True),
        ([window(_INSIDE, kind="allow")], True, True),
        ([window(_OUTSIDE, kind="allow")], False, False),
        ([window(_OUTSIDE, kind="allow", manualSync=True)], True, False),
        ([window(_INSIDE)], False, False),
        ([window(_INSIDE, manualSync=True)], True, False),
        ([window(_OUTSIDE)], True, True),
        ([window(_INSIDE), window(_INSIDE, kind="allow")], False, False),
    ],
)
def test_what_may_start(windows: list[Any], *, manual: bool, automatic: bool) -> None:
    assert can_sync(windows, _NOON, manual=True) is manual
    assert can_sync(windows, _NOON, manual=False) is automatic


def set_windows(lab: Lab, *windows: Any) -> None:
    body = {"project": "promo", "windows": [one | {"applications": ["*"]} for one in windows]}
    lab.admin.post("/sandbox/windows", json=body).raise_for_status()


def test_auto_sync_waits_for_the_look_after_the_window(automatic: Lab) -> None:
    set_windows(automatic, window("* * * * *"))
    automatic.config.values("dev", settings("dev", "1.1.0"))
    sha = automatic.config.commit()
    app = automatic.refresh("dev")
    assert (app["status"]["sync"]["status"], "operation" in app) == ("OutOfSync", False)
    assert automatic.sync("dev").json()["message"] == "cannot sync: blocked by sync window"
    set_windows(automatic)
    automatic.refresh("dev")
    automatic.settled("dev", sha)


def test_the_answer_names_windows_without_their_zone(manual: Lab) -> None:
    set_windows(manual, window("* * * * *", kind="allow", timeZone="Asia/Tokyo"))
    shown = {"kind": "allow", "schedule": "* * * * *", "duration": "1h", "manualSync": False}
    expected = {"activeWindows": [shown], "assignedWindows": [shown], "canSync": True}
    assert manual.get("prod", "/syncwindows").json() == expected
    assert manual.admin.get("/api/v1/projects/promo/syncwindows").json()["windows"][0]["timeZone"] == "Asia/Tokyo"
