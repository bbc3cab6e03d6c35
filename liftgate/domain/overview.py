"""The board: for each application and environment what stands there, its last outcome, and what is under way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from liftgate.domain import ledger
from liftgate.domain.announcement import sentence
from liftgate.domain.ledger import Entry
from liftgate.domain.value import Value

State = Literal["verified", "bad", "unknown", "under way", "waiting"]


class Underway(Value):
    """A run that is not over."""

    promotion: str
    application: str
    environment: str
    waiting: bool
    """Whether it is suspended at a gate."""
    said: str
    """What it does or waits for."""


class Cell(Value):
    application: str
    environment: str
    version: str
    """In the values file; empty when there is none."""
    state: State
    said: str
    """One sentence: whom it waits for, what it does, or how the last one ended."""
    promotion: str = ""
    """The promotion that is meant by it."""


def cell(
    application: str, environment: str, version: str, entries: Sequence[Entry], underway: Iterable[Underway]
) -> Cell:
    """What is under way counts more than what is over."""
    now = next((u for u in underway if (u.application, u.environment) == (application, environment)), None)
    if now:
        state: State = "waiting" if now.waiting else "under way"
        return Cell(
            application=application,
            environment=environment,
            version=version,
            state=state,
            said=now.said,
            promotion=now.promotion,
        )
    last = next((entry for entry in reversed(ledger.of(entries, application, environment)) if _counts(entry)), None)
    return Cell(
        application=application,
        environment=environment,
        version=version,
        state="unknown" if last is None else "verified" if _is_well(last) else "bad",
        said=sentence(last) if last else "nothing happened here yet",
        promotion=last.promotion if last else "",
    )


def _counts(entry: Entry) -> bool:
    """A promotion that changed nothing says nothing about what stands there."""
    return entry.outcome not in ("refused", "expired", "superseded")


def _is_well(entry: Entry) -> bool:
    """A rolled back promotion leaves verified values behind; only a failed one, or a failed rollback, does not."""
    return entry.good or entry.outcome == "rolled back"
