"""One summary for a night: what became of each application's promotion to the first environment."""

from __future__ import annotations

from typing import Final, Literal

from liftgate.domain.value import Value

Fate = Literal["promoted", "nothing to do", "waiting for people", "still running", "failed", "not started"]
_ORDER: Final[tuple[Fate, ...]] = (
    *("promoted", "nothing to do", "waiting for people"),
    *("still running", "failed", "not started"),
)
_BAD: Final = ("failed", "not started")
_NAMED: Final = 5
"""How many of those that went wrong a sentence names; the table has all."""


class Outcome(Value):
    application: str
    """Its name, or the path of a values file that does not tell whose it is."""
    fate: Fate
    sentence: str = ""

    @property
    def bad(self) -> bool:
        return self.fate in _BAD


def fate_of(state: str, state_name: str) -> Fate:
    """Of a promote run, by its state's type and name; a crashed one goes on, the sweep sees to it."""
    if state == "COMPLETED":
        return "nothing to do" if state_name == "NothingToDo" else "promoted"
    if state in ("FAILED", "CANCELLED"):
        return "failed"
    return "waiting for people" if state == "PAUSED" else "still running"


def summary(environment: str, outcomes: tuple[Outcome, ...]) -> str:
    """`dev: 2 promoted, 1 failed; billing: its values are not sound JSON`."""
    fates = [outcome.fate for outcome in outcomes]
    counts = ", ".join(f"{fates.count(fate)} {fate}" for fate in _ORDER if fate in fates)
    bad = [f"{outcome.application}: {_line(outcome.sentence)}" for outcome in outcomes if outcome.bad]
    more = [f"and {len(bad) - _NAMED} more"] if len(bad) > _NAMED else []
    return "; ".join([f"{environment}: {counts or 'no application'}", *bad[:_NAMED], *more])


def as_markdown(environment: str, outcomes: tuple[Outcome, ...]) -> str:
    """What went wrong first."""
    rows = sorted(outcomes, key=lambda outcome: (-_ORDER.index(outcome.fate), outcome.application))
    lines = [f"| {_cell(row.application)} | {row.fate} | {_cell(_line(row.sentence))} |" for row in rows]
    return "\n".join([f"# Nightly → {environment}", "", "| application | | |", "|---|---|---|", *lines, ""])


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _cell(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
