"""A checked change as Markdown: for the comment of a pull request and the summary of a job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from liftgate.domain.common.markup import code, limited, prose
from liftgate.domain.common.verdict import Finding
from liftgate.domain.hand_changes.checked import CheckedChange, CheckedPlace
from liftgate.domain.hand_changes.notes import TITLES, notes, place_notes, title
from liftgate.domain.hand_changes.rows import OWNERS
from liftgate.domain.planning.diff_text import SIGNS, pair, visible
from liftgate.domain.planning.row import Row
from liftgate.domain.rendered.text import TITLE, part_lines

_WIDTH: Final = 60
_ICONS: Final = {"success": "✅", "pending": "⏳", "failure": "❌"}
_STATES: Final = {"passed": "✅", "pending": "⏳", "failed": "❌"}


def change_markdown(checked: CheckedChange, *, limit: int) -> str:
    """At most `limit` characters: whole lines, and how many are left out."""
    head = [f"### {_ICONS[checked.state]} Liftgate: {prose(visible(checked.sentence, 300))}", ""]
    return limited(head, list(_lines(checked)), limit)


def _lines(checked: CheckedChange) -> Iterator[str]:
    if checked.findings:
        yield "| | where | what |"
        yield "|-|-|-|"
        yield from map(_finding, sorted(checked.findings, key=lambda each: not each.blocking))
        yield ""
    for place in checked.places:
        yield from _place(place)
    for note in notes(checked):
        yield prose(note)
        yield ""
    yield f"Checked at {code(checked.head[:12])}."


def _finding(finding: Finding) -> str:
    said = f"{prose(finding.message)} {prose(finding.fix)}".rstrip()
    return f"| {'❌' if finding.blocking else '⚠️'} | {code(visible(finding.place, 200))} | {said} |".replace("\n", " ")


def _place(place: CheckedPlace) -> Iterator[str]:
    yield f"#### {prose(title(place))}"
    yield ""
    if place.rows:
        yield "| | where | now | new |"
        yield "|-|-|-|-|"
        for owner in OWNERS:
            if rows := place.rows.get(owner):
                yield f"| | **{TITLES[owner]}** | | |"
                yield from map(_row, rows)
        yield ""
    if place.rendered:
        yield f"**{TITLE}**"
        for part in place.rendered:
            yield from part_lines(part)
        yield ""
    yield from (f"- {prose(note)}" for note in place_notes(place))
    yield from (f"- {prose(sentence)}" for sentence in place.policy)
    yield from (f"- {_STATES.get(gate.state, '')} {name}: {prose(gate.reason)}" for name, gate in place.gates.items())
    yield ""


def _row(row: Row) -> str:
    before, after = pair(row.before, row.after, _WIDTH)
    return f"| {SIGNS[row.kind]} | {code(visible(row.where, 180))} | {code(before)} | {code(after)} |"
