"""Sync windows of a project: when they are open, and whether a sync may start."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from liftgate_sandbox.argocd.kube import Object

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "d": 86400.0}
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_NAMES = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"))}


def seconds(duration: str) -> float:
    """Go's notation, like `1h30m`."""
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)(ms|[hmsd])", duration))


def assigned(project: Object, app: Object) -> list[Object]:
    """The project's windows that name this application, its namespace or its cluster."""
    name, destination = app["metadata"]["name"], app["spec"]["destination"]
    about = {
        "applications": [name],
        "namespaces": [destination.get("namespace", "")],
        "clusters": [destination.get("server", ""), destination.get("name", "")],
    }
    return [one for one in project["spec"].get("syncWindows") or [] if _matches(one, about)]


def _matches(window: Object, about: dict[str, list[str]]) -> bool:
    return any(
        fnmatch.fnmatchcase(value, pattern)
        for field, values in about.items()
        for pattern in window.get(field) or []
        for value in values
    )


def active(windows: Iterable[Object], now: float) -> list[Object]:
    """Those that are open at `now`."""
    return [one for one in windows if _is_open(one, now)]


def can_sync(windows: list[Object], now: float, *, manual: bool) -> bool:
    """Whether a sync may start: no open deny, and an open allow where there is any allow."""
    opened = active(windows, now)
    deny = [one for one in opened if one["kind"] == "deny"]
    if deny:
        return manual and all(one.get("manualSync") for one in deny)
    allow = [one for one in windows if one["kind"] == "allow"]
    if not allow or any(one["kind"] == "allow" for one in opened):
        return True
    return manual and all(one.get("manualSync") for one in allow)


def _is_open(window: Object, now: float) -> bool:
    minute = datetime.fromtimestamp(now - now % 60, _zone(window.get("timeZone", "")))
    fields = window["schedule"].split()
    for _ in range(int(seconds(window["duration"]) // 60) + 1):
        if _fires(fields, minute) and now - minute.timestamp() < seconds(window["duration"]):
            return True
        minute -= timedelta(minutes=1)
    return False


def _zone(name: str) -> tzinfo:
    # An unknown zone silently means UTC, in Argo CD too.
    try:
        return ZoneInfo(name) if name else UTC
    except (OSError, ValueError, KeyError):
        return UTC


def _fires(fields: list[str], minute: datetime) -> bool:
    weekday = minute.isoweekday() % 7
    values = (minute.minute, minute.hour, minute.day, minute.month, weekday)
    hits = [_in_field(field, value, limits) for field, value, limits in zip(fields, values, _RANGES, strict=False)]
    day = hits[2] and hits[4] if "*" in (fields[2], fields[4]) else hits[2] or hits[4]
    return hits[0] and hits[1] and hits[3] and day


def _in_field(field: str, value: int, limits: tuple[int, int]) -> bool:
    return any(_in_part(part, value, limits) for part in field.split(","))


def _in_part(part: str, value: int, limits: tuple[int, int]) -> bool:
    span, _, step = part.partition("/")
    first, _, last = span.partition("-")
    low = limits[0] if first == "*" else _number(first)
    high = _number(last) if last else limits[1] if first == "*" or step else low
    wanted = range(low, high + 1, int(step or 1))
    return value in wanted or (limits[1] == 7 and value == 0 and 7 in wanted)


def _number(text: str) -> int:
    return _NAMES[text.upper()] if text.upper() in _NAMES else int(text)
