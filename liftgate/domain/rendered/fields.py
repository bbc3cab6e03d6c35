"""The fields that differ between two redacted manifests, also inside texts that are JSON or have several lines."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final, Literal

from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.edit import Edit
from liftgate.domain.json_text.pointer import leaves, split
from liftgate.domain.planning.changes import changes
from liftgate.domain.planning.diff_text import pair, visible
from liftgate.domain.planning.identity import Keyed
from liftgate.domain.rendered.redactor import inner, lines, shown
from liftgate.domain.secrets.masking import masked_pointer

_WIDTH: Final = 120
_LINES: Final = 2000
_KNOWN: Final = frozenset({"/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"})
_SAME_VALUES: Final = "(the same values, written differently)"
_UNSEEN: Final = "(changed in a hidden part, or in white space)"

Kind = Literal["add", "remove", "replace"]


class FieldChange(Value):
    pointer: str
    """A JSON pointer; it continues inside a text that is JSON, and `:12` is a line of another text."""
    kind: Kind
    before: str = ""
    after: str = ""
    """Both values, masked, cut, and on one line."""


def of_new(manifest: Json) -> Iterator[FieldChange]:
    """The change without its name."""
    for pointer, value in sorted(leaves(manifest), key=lambda leaf: split(leaf[0])):
        if pointer not in _KNOWN:
            yield _field(pointer, "add", "", shown(value))


def between(one: Json, other: Json, start: str = "") -> Iterator[FieldChange]:
    # Below a root of its own an empty object is like any other: each new member is reported separately.
    for edit in changes({"x": _keyed(one)}, {"x": _keyed(other)}, ordered=False):
        yield from _of(edit, start + edit.pointer.removeprefix("/x"))


def _of(edit: Edit, pointer: str) -> Iterator[FieldChange]:
    if edit.op == "replace" and (both := inner(edit.before, edit.value)):
        yield from list(between(*both, start=pointer)) or [_field(pointer, "replace", "", _SAME_VALUES)]
    elif edit.op == "replace" and (texts := lines(edit.before, edit.value)):
        yield from list(_by_line(*texts, pointer)) or [_field(pointer, "replace", "", _UNSEEN)]
    else:
        before = "" if edit.op == "add" else shown(edit.before)
        yield _field(pointer, edit.op, before, "" if edit.op == "remove" else shown(edit.value))


def _by_line(one: list[str], other: list[str], pointer: str) -> Iterator[FieldChange]:
    if max(len(one), len(other)) > _LINES:
        yield _field(pointer, "replace", f"({len(one)} lines)", f"({len(other)} lines)")
        return
    for same, start, end, begin, stop in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if same == "equal":
            continue
        both = zip_longest(enumerate(one[start:end], start + 1), enumerate(other[begin:stop], begin + 1))
        for before, after in both:
            number = (after or before or (0, ""))[0]
            kind: Kind = "add" if before is None else "remove" if after is None else "replace"
            yield _field(f"{pointer}:{number}", kind, before[1] if before else "", after[1] if after else "")


def _field(pointer: str, kind: Kind, before: str, after: str) -> FieldChange:
    before, after = pair(before, after, _WIDTH)
    return FieldChange(pointer=visible(masked_pointer(pointer), _WIDTH), kind=kind, before=before, after=after)


def _keyed(value: Json) -> Json:
    """Lists whose items all have unique names are compared by name, as Kubernetes does."""
    if isinstance(value, dict):
        return {key: _keyed(below) for key, below in value.items()}
    if not isinstance(value, list) or not value:
        return value
    names = [each.get("name") if isinstance(each, dict) else None for each in value]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return value
    return Keyed((f"name={name}", _keyed(below)) for name, below in zip(names, value, strict=True))
