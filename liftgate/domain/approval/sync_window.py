"""Argo CD's sync windows as a gate: which windows block a sync now, and until when if that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cronsim import CronSim
from pydantic import ValidationError

from liftgate.domain.approval.freeze import Freeze, thaw
from liftgate.domain.common.span import go_duration
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Verdict, passed, pending

_CLOCK: Final = "%a %d %b %H:%M %Z"
_ROUNDS: Final = 20
"""How many ends of deny windows and starts of allow windows are examined."""
_NAMED: Final = ("kind", "schedule", "duration", "manualSync")

Window = Mapping[str, Any]


class Closed(Value):
    """An Argo CD Application that may not be synced now."""

    application: str
    windows: tuple[str, ...]
    """The project's windows, for people: `deny 0 18 * * FRI for 62h`."""
    until: datetime | None = None
    """None: not known. The answer for the Application has no time zones; only the project has them."""

    @property
    def sentence(self) -> str:
        until = f" until {self.until:{_CLOCK}}" if self.until else ""
        return f"Argo CD's sync window blocks {self.application}{until} ({'; '.join(self.windows) or 'not named'})"


class Windows(Value):
    """The closed sync windows of an environment's Argo CD Applications."""

    closed: tuple[Closed, ...] = ()
    unknown: str = ""
    """Why Argo CD could not be queried. The query is repeated: nothing has been changed yet."""

    @property
    def verdict(self) -> Verdict:
        if self.unknown:
            return pending(f"waits until Argo CD says whether a sync may start: {self.unknown}")
        if self.closed:
            return pending("; ".join(one.sentence for one in self.closed))
        return passed("no sync window is closed")

    @property
    def until(self) -> datetime | None:
        """When all Applications may be synced, if that is known for each."""
        ends = [one.until for one in self.closed]
        return max(filter(None, ends)) if ends and all(ends) else None


def read_windows(
    application: str, answer: Mapping[str, Any], project: Sequence[Window], now: datetime
) -> Closed | None:
    """Reads `GET …/syncwindows`; None if a sync may start. `project` are the project's own windows, if known.

    Only Argo CD decides whether a sync may start: it knows which window overrides which.
    """
    if answer.get("canSync") is True:
        return None
    active, assigned = answer.get("activeWindows") or (), answer.get("assignedWindows") or ()
    denying = [one for one in active if one.get("kind") == "deny" and not one.get("manualSync")]
    shown = denying or [one for one in assigned if one.get("kind") == "allow" and not one.get("manualSync")]
    return Closed(
        application=application,
        windows=tuple(f"{one.get('kind')} {one.get('schedule')} for {one.get('duration')}" for one in shown),
        until=_end(assigned, project, now),
    )


def _end(assigned: Sequence[Window], project: Sequence[Window], now: datetime) -> datetime | None:
    """The first moment at which no deny window is open and, if there are allow windows, one of them is."""
    strict = [one for one in assigned if not one.get("manualSync")]
    known = {kind: [_freeze(one, project) for one in strict if one.get("kind") == kind] for kind in ("deny", "allow")}
    denies, allows = (list(filter(None, known[kind])) for kind in ("deny", "allow"))
    if len(denies) + len(allows) < len(strict):
        return None
    moment = now
    for _ in range(_ROUNDS):
        after = thaw(denies, moment)
        if allows and not any(_is_open(one, after) for one in allows):
            after = min(next(CronSim(one.cron, after.astimezone(one.zone))) for one in allows)
        if after == moment:
            return moment if moment > now else None
        moment = after
    return None


def _is_open(window: Freeze, moment: datetime) -> bool:
    found = window.window(moment)
    return found is not None and found[1] > moment


def _freeze(window: Window, project: Sequence[Window]) -> Freeze | None:
    """The window with its time zone, if the project has exactly one time zone for such a window."""
    zones = {
        str(one.get("timeZone") or "UTC")
        for one in project
        if all((one.get(name) or False) == (window.get(name) or False) for name in _NAMED)
    }
    length = go_duration(str(window.get("duration", "")))
    if len(zones) != 1 or length is None:
        return None
    try:
        return Freeze.model_validate({"cron": window.get("schedule"), "for": length, "timezone": zones.pop()})
    except ValidationError:
        return None
