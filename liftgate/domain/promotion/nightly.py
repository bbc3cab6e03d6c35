"""The nightly flow: what it may be given, and its summary of each application's promotion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import ValidationError

from liftgate.domain.common.value import Json, Value

Fate = Literal["promoted", "nothing to do", "waiting for people", "still running", "failed", "not started"]
_ORDER: Final[tuple[Fate, ...]] = (
    *("promoted", "nothing to do", "waiting for people"),
    *("still running", "failed", "not started"),
)
_BAD: Final = ("failed", "not started")
_SAME: Final = "nothing to do"
_NAMED: Final = 5
"""How many failures the sentence names; the table has all."""


class NightRequest(Value):
    """The parameters of the nightly flow, with its defaults."""

    reason: str = "nightly promotion"
    limit: int = 20
    minutes: float = 60


FLOW: Final = "nightly"
SCHEDULED: Final = NightRequest()
"""What the schedule of `liftgate.json` starts: it has a time, and no parameters of its own."""


def night_as_stored(parameters: Mapping[str, Json]) -> NightRequest | None:
    """Reads a run's parameters as Prefect stores them; None if the flow does not take them."""
    try:
        return NightRequest.model_validate(dict(parameters), strict=True)
    except ValidationError:
        return None


def is_as_scheduled(flow: str, parameters: Mapping[str, Json]) -> bool:
    """Whether the schedule of `liftgate.json` starts exactly this. Anyone can make other schedules in Prefect."""
    return flow == FLOW and night_as_stored(parameters) == SCHEDULED


class Outcome(Value):
    application: str
    """Its name, or the path of a values file that does not say which application it belongs to."""
    fate: Fate
    sentence: str = ""
    version: str = ""
    """What the environment has, where that was found without a run."""

    @property
    def bad(self) -> bool:
        return self.fate in _BAD


def fate_of(state: str, state_name: str) -> Fate:
    """The fate of a promote run, by its state's type and name; recovery continues a crashed run."""
    if state == "COMPLETED":
        return "nothing to do" if state_name == "NothingToDo" else "promoted"
    if state in ("FAILED", "CANCELLED"):
        return "failed"
    return "waiting for people" if state == "PAUSED" else "still running"


def nightly_summary(environment: str, outcomes: tuple[Outcome, ...]) -> str:
    """`dev: 2 promoted, 1 failed; billing: its values are not valid JSON`."""
    fates = [outcome.fate for outcome in outcomes]
    counts = ", ".join(f"{fates.count(fate)} {fate}" for fate in _ORDER if fate in fates)
    bad = [f"{outcome.application}: {_line(outcome.sentence)}" for outcome in outcomes if outcome.bad]
    more = [f"and {len(bad) - _NAMED} more"] if len(bad) > _NAMED else []
    return "; ".join([f"{environment}: {counts or 'no application'}", *bad[:_NAMED], *more])


def nightly_markdown(environment: str, outcomes: tuple[Outcome, ...]) -> str:
    """A table, failures first; those that had nothing to do are one paragraph, however many they are."""
    same = sorted(each.application for each in outcomes if each.fate == _SAME)
    versions = {each.application: each.version for each in outcomes}
    listed = ", ".join(_cell(f"{name} {versions[name]}".rstrip()) for name in same)
    below = [f"{len(same)} {_SAME}: {listed}", ""] if same else []
    rest = [each for each in outcomes if each.fate != _SAME]
    rows = sorted(rest, key=lambda outcome: (-_ORDER.index(outcome.fate), outcome.application))
    lines = [f"| {_cell(row.application)} | {row.fate} | {_cell(_line(row.sentence))} |" for row in rows]
    table = ["| application | | |", "|---|---|---|", *lines, ""] if rows else []
    return "\n".join([f"# Nightly → {environment}", "", *table, *below])


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _cell(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
