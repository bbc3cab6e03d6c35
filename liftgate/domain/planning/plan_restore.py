"""The plan of a rollback, for people: which values change when an earlier file is restored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from liftgate.domain.common.value import Json
from liftgate.domain.json_text.edit import Edit
from liftgate.domain.json_text.pointer import MISSING
from liftgate.domain.planning.changes import changes
from liftgate.domain.planning.plan_value import FilePlan, Plan, Target, document_of
from liftgate.domain.planning.row import Row, named, shown
from liftgate.domain.planning.rules import Rules, is_metadata
from liftgate.errors import Refused


def make_restore(
    application: str,
    *,
    targets: Sequence[Target],
    wanted: Mapping[str, bytes],
    version: str,
    rules: Callable[[str], Rules],
) -> Plan:
    """From the current files to the `wanted` ones, by name; one that is not wanted is removed. Never refuses, because
    it may replace a broken file."""
    files: list[FilePlan] = []
    rows: list[Row] = []
    for target in targets:
        data = wanted.get(target.file, b"")
        edits = _edits(target, data)
        files.append(FilePlan(file=target.file, path=target.path, blob=target.blob, edits=edits or ()))
        rows += named(_rows(target, data, edits, rules(target.file)), target.file)
    return Plan(
        application=application,
        environment=targets[0].environment,
        version=version,
        files=tuple(files),
        rows=tuple(rows),
        policy_hash="",
        kind="rollback",
    )


def _edits(target: Target, wanted: bytes) -> tuple[Edit, ...] | None:
    """None if one of the two is not valid JSON."""
    try:
        return changes(target.document.value, document_of(wanted, target.path).value)
    except Refused:
        return None


def _rows(target: Target, wanted: bytes, edits: tuple[Edit, ...] | None, rules: Rules) -> tuple[Row, ...]:
    if target.data == wanted:
        return ()
    if edits is None:
        return (_whole("one of the two files is not valid JSON, so the whole file is replaced"),)
    rows = tuple(_row(edit, rules) for edit in edits if not is_metadata(edit.pointer))
    return rows or (_whole("no value changes, only the formatting of the file"),)


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
