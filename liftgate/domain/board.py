"""Applications by environments: what is there, whether it is verified, what is going on, who is waited for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from liftgate.domain import ledger, restore
from liftgate.domain.announcement import sentence
from liftgate.domain.ledger import Entry
from liftgate.domain.value import Value

Activity = Literal["waiting", "running", "stopped"]
State = Literal["verified", "not verified", "rolled back", "failed", "nothing"]


class Going(Value):
    """A promotion that is not over."""

    promotion: str
    title: str
    application: str
    environment: str
    activity: Activity
    sentence: str
    since: datetime


class There(Value):
    """What the branch's head holds in one place."""

    application: str
    environment: str
    version: str = ""
    release: str = ""
    trouble: str = ""
    """Why the values cannot be read."""


class Cell(Value):
    environment: str
    version: str
    state: State
    sentence: str
    since: datetime | None = None
    newest: str = ""
    """The promotion whose outcome is the newest."""
    going: tuple[Going, ...] = ()
    drift: str = ""
    """What of the cluster is not as Git has it; empty: nothing that is known."""


class Line(Value):
    application: str
    cells: tuple[Cell, ...]

    @property
    def is_waiting(self) -> bool:
        return any(going.activity == "waiting" for cell in self.cells for going in cell.going)


class Board(Value):
    environments: tuple[str, ...]
    lines: tuple[Line, ...]
    waiting: tuple[Going, ...]
    """What waits for people, the longest wait first."""
    newest: tuple[Entry, ...]
    choices: frozenset[str] = frozenset()
    """The promotions that somebody may want to go back to."""
    notices: tuple[str, ...] = ()


def cell(there: There, entries: Sequence[Entry], going: Iterable[Going], drift: str = "") -> Cell:
    """`entries` are this place's, oldest first."""
    newest = entries[-1] if entries else None
    state, said = _state(there, entries)
    mine = (g for g in going if (g.application, g.environment) == (there.application, there.environment))
    return Cell(
        environment=there.environment,
        version=there.version,
        state=state,
        sentence=said,
        since=newest.times.finished if newest and state != "not verified" else None,
        newest=(newest.reverts or newest.promotion) if newest else "",
        going=tuple(mine),
        drift=drift,
    )


def _state(there: There, entries: Sequence[Entry]) -> tuple[State, str]:
    if there.trouble:
        return "failed", there.trouble
    if not there.release:
        return "nothing", "no values yet"
    newest = entries[-1] if entries else None
    if newest and newest.outcome == "rolled back":
        return "rolled back", sentence(newest)
    if newest and newest.outcome in ("failed", "rollback failed"):
        return "failed", sentence(newest)
    if ledger.verified(entries, there.release) or _is_back(newest, there):
        return "verified", sentence(newest) if newest else "verified"
    return "not verified", "nobody has verified these values yet"


def _is_back(newest: Entry | None, there: There) -> bool:
    """Whether a rollback verified what is there, even if no promotion ever did."""
    return newest is not None and newest.kind == "rollback" and newest.good and newest.release == there.release


def board(
    environments: Sequence[str],
    cells: Sequence[Line],
    going: Sequence[Going],
    entries: Sequence[Entry],
    notices: Sequence[str] = (),
) -> Board:
    waiting = sorted((each for each in going if each.activity == "waiting"), key=lambda each: each.since)
    return Board(
        environments=tuple(environments),
        lines=tuple(sorted(cells, key=lambda line: (not line.is_waiting, line.application))),
        waiting=tuple(waiting),
        newest=tuple(reversed(entries[-8:])),
        choices=restore.choices(entries) & {entry.promotion for entry in entries[-8:]},
        notices=tuple(notices),
    )


def strays(committed: Iterable[str], entries: Iterable[Entry], runs: Iterable[str]) -> tuple[str, ...]:
    """Promotions with a commit but neither an outcome nor a run: Prefect has lost them, and their place is held."""
    known = {entry.promotion for entry in entries} | set(runs)
    return tuple(sorted(set(committed) - known))
