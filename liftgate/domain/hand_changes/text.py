"""A checked change as lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from liftgate.domain.hand_changes.checked import CheckedChange, CheckedPlace
from liftgate.domain.hand_changes.notes import TITLES, notes, place_notes, title
from liftgate.domain.hand_changes.rows import OWNERS
from liftgate.domain.planning.diff_text import SIGNS, pair, visible
from liftgate.domain.planning.row import Row

_WIDTH: Final = 60


def change_lines(checked: CheckedChange) -> list[str]:
    """Without the findings."""
    lines = [line for place in checked.places for line in _place_lines(place)]
    return [*lines, *notes(checked)]


def _place_lines(place: CheckedPlace) -> Iterator[str]:
    yield f"{title(place)}:"
    for owner in OWNERS:
        if rows := place.rows.get(owner):
            yield f"  {TITLES[owner]}"
            yield from (f"    {row_text(row)}" for row in rows)
    yield from (f"  {note}" for note in place_notes(place))
    yield from (f"  policy: {sentence}" for sentence in place.policy)
    for name, verdict in place.gates.items():
        yield f"  gate {name}: {verdict.state}: {verdict.reason}"
    yield ""


def row_text(row: Row) -> str:
    before, after = pair(row.before, row.after, _WIDTH)
    change = f"{before} → {after}" if row.kind == "replace" else after or before
    return f"{SIGNS[row.kind]} {visible(row.where, 180)}  {change}"
