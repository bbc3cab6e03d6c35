"""The plan of a rollback, for people: what of the values changes when a file is as it was once."""

from __future__ import annotations

from liftgate.domain.changes import changes
from liftgate.domain.edit import Edit
from liftgate.domain.plan_value import Plan, Target, document_of
from liftgate.domain.pointer import MISSING
from liftgate.domain.row import Row, shown
from liftgate.domain.rules import Rules, is_metadata
from liftgate.domain.value import Json
from liftgate.errors import Refused


def make_restore(application: str, *, target: Target, wanted: bytes, version: str, rules: Rules) -> Plan:
    """From the file as it is to `wanted` (empty: no file). Never refuses: it may be a broken file that is replaced."""
    edits = _edits(target, wanted)
    return Plan(
        application=application,
        environment=target.environment,
        version=version,
        path=target.path,
        blob=target.blob,
        edits=edits or (),
        rows=_rows(target, wanted, edits, rules),
        policy_hash="",
        kind="rollback",
    )


def _edits(target: Target, wanted: bytes) -> tuple[Edit, ...] | None:
    """None when one of the two is no sound JSON."""
    try:
        return changes(target.document.value, document_of(wanted, target.path).value)
    except Refused:
        return None


def _rows(target: Target, wanted: bytes, edits: tuple[Edit, ...] | None, rules: Rules) -> tuple[Row, ...]:
    if target.data == wanted:
        return ()
    if edits is None:
        return (_whole("one of the two is no sound JSON, so the whole file is replaced"),)
    rows = tuple(_row(edit, rules) for edit in edits if not is_metadata(edit.pointer))
    return rows or (_whole("no value changes, only how the file is written"),)


def _whole(sentence: str) -> Row:
    return Row(pointer="", kind="replace", sentence=sentence)


def _row(edit: Edit, rules: Rules) -> Row:
    before: Json = MISSING if edit.op == "add" else edit.before
    after: Json = MISSING if edit.op == "remove" else edit.value
    return Row(
        pointer=edit.pointer,
        kind=edit.op,
        before=shown(before, edit.pointer, rules),
        after=shown(after, edit.pointer, rules),
    )
