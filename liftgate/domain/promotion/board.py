"""Applications by environments: which version runs, whether it is verified, what is in progress and who must decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from liftgate.domain.common.names import release_name
from liftgate.domain.common.value import Value
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.ledger.summary import Summary

Activity = Literal["waiting", "running", "stopped"]
State = Literal["verified", "not verified", "rolled back", "failed", "nothing"]
NEWEST: Final = 8
"""Outcomes that the board lists."""


class Going(Value):
    """A promotion in progress."""

    promotion: str
    title: str
    application: str
    environment: str
    activity: Activity
    sentence: str
    since: datetime
    authors: tuple[str, ...] = ()
    """Who wrote what it brings, while it waits for people."""


class There(Value):
    """What the branch's head has for one application in one environment."""

    application: str
    environment: str
    version: str = ""
    release: str = ""
    trouble: str = ""
    """Why the values cannot be read."""

    @property
    def release_name(self) -> str:
        """The version, or the start of the release's id; empty without values."""
        return release_name(self.version, self.release)


class Cell(Value):
    environment: str
    version: str
    release_name: str
    """The version, or the start of the release's id; empty without values."""
    state: State
    sentence: str
    since: datetime | None = None
    newest: str = ""
    """The promotion whose outcome is the newest."""
    going: tuple[Going, ...] = ()
    drift: str = ""
    """What differs between the cluster and Git; empty if no difference is known."""


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
    """Promotions that wait for people, the longest wait first."""
    newest: tuple[Entry, ...]
    choices: frozenset[str] = frozenset()
    """The promotions that a person can roll back to."""
    notices: tuple[str, ...] = ()


def by_application(going: Iterable[Going]) -> Mapping[str, Sequence[Going]]:
    """So that a cell need not look at those of all applications; an empty list for one that has none."""
    found: defaultdict[str, list[Going]] = defaultdict(list)
    for each in going:
        found[each.application].append(each)
    return found


def cell(there: There, newest: Entry | None, first: str = "", *, is_verified: bool = False) -> Cell:
    """Without what is in progress. `newest` is the newest outcome there; `is_verified` says whether the release is;
    promotions to it begin in `first`."""
    state, said = _state(there, newest, first, is_verified=is_verified)
    return Cell(
        environment=there.environment,
        version=there.version,
        release_name=there.release_name,
        state=state,
        sentence=said,
        since=newest.times.finished if newest and state != "not verified" else None,
        newest=(newest.reverts or newest.promotion) if newest else "",
    )


def at_work(at_rest: Cell, application: str, going: Iterable[Going], drift: str = "") -> Cell:
    """The application's cell with what is in progress there."""
    mine = tuple(g for g in going if (g.application, g.environment) == (application, at_rest.environment))
    return at_rest.copy_with(going=mine, drift=drift) if mine or drift else at_rest


def _state(there: There, newest: Entry | None, first: str, *, is_verified: bool) -> tuple[State, str]:
    if there.trouble:
        return "failed", there.trouble
    if not there.release:
        return "nothing", "no values yet"
    if newest and newest.outcome == "rolled back":
        return "rolled back", newest.sentence
    if newest and newest.outcome in ("failed", "rollback failed"):
        return "failed", newest.sentence
    if is_verified or _is_back(newest, there):
        return "verified", newest.sentence if newest else "verified"
    return "not verified", _not_verified(there, first if not newest else "")


def _not_verified(there: There, first: str) -> str:
    if not first:
        return "these values are not verified yet"
    if first != there.environment:
        return f"not promoted yet; promote to {first} first"
    return f"not promoted yet; to begin: liftgate promote {there.application} --to {first}"


def _is_back(newest: Entry | None, there: There) -> bool:
    """Whether a rollback verified the current values, even if no promotion ever did."""
    return newest is not None and newest.kind == "rollback" and newest.good and newest.release == there.release


def board(
    environments: Sequence[str],
    cells: Sequence[Line],
    going: Sequence[Going],
    newest: Sequence[Entry],
    choices: frozenset[str] = frozenset(),
    notices: Sequence[str] = (),
) -> Board:
    """`newest` are the newest outcomes, the newest first."""
    waiting = sorted((each for each in going if each.activity == "waiting"), key=lambda each: each.since)
    return Board(
        environments=tuple(environments),
        lines=tuple(sorted(cells, key=lambda line: (not line.is_waiting, line.application))),
        waiting=tuple(waiting),
        newest=tuple(newest),
        choices=choices & {entry.promotion for entry in newest},
        notices=tuple(notices),
    )


def bypassed(places: Iterable[Summary]) -> tuple[str, ...]:
    """A sentence for each place whose newest promotion is a person's own change past gates that were not open."""
    return tuple(
        f"{entry.application} in {entry.environment}: {entry.by_hand.sentence}"
        for each in places
        if (entry := each.past_gates) and entry.by_hand
    )


def strays(committed: Iterable[str], recorded: Iterable[str], runs: Iterable[str]) -> tuple[str, ...]:
    """Promotions with a commit but without an outcome or a run: Prefect lost them, and they lock their environment."""
    return tuple(sorted({*committed} - {*recorded} - {*runs}))
