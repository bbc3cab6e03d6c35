"""The plan of an update: values that a person sets, by pointer, in one environment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.edit import Edit, apply_to_value
from liftgate.domain.json_text.pointer import MISSING, find, join, leaves, split, step, with_slash
from liftgate.domain.json_text.strict import read_json
from liftgate.domain.planning.plan_value import FilePlan, Plan, Target
from liftgate.domain.planning.release import version_of
from liftgate.domain.planning.row import Row, named, shown
from liftgate.domain.planning.rules import Rules, is_metadata
from liftgate.domain.secrets.secret_heuristics import secret_heuristics
from liftgate.domain.secrets.sops import check_editable
from liftgate.errors import Refused

_INDEX: Final = re.compile("[0-9]{1,9}")


def make_update(  # noqa: PLR0913 - the file, what changes in it, and what decides
    application: str,
    *,
    target: Target,
    changes: Mapping[str, Json],
    rules: Rules,
    policy_hash: str,
    remove: Sequence[str] = (),
    beside: Sequence[Target] = (),
) -> Plan:
    """Plan to set (pointer -> value) and remove values; missing objects above a pointer are created. Each pointer means
    the values as they are before: removals come last, from the back, so that no element has moved.
    `beside` are the application's other files.

    Raises Refused for a secret, for plain text that looks like one, and for pointers inside each other.
    """
    _check_apart([*changes, *remove])
    before = value = target.document.value
    edits: list[Edit] = []
    rows: list[Row] = []
    wanted = {**dict.fromkeys(remove, MISSING), **changes}
    for pointer in (*sorted(changes, key=_order), *sorted(remove, key=_order, reverse=True)):
        check_settable(pointer, wanted[pointer], find(value, pointer), rules)
        for edit in _edits(value, pointer, wanted[pointer]):
            value = apply_to_value(value, [edit])
            edits.append(edit)
            rows.append(_row(before, pointer, wanted[pointer], rules))
    if edits:
        check_editable(before, target.path)
    after = {target.file: value} | {each.file: each.document.value for each in beside}
    return Plan(
        application=application,
        environment=target.environment,
        version=version_of((document for _, document in sorted(after.items())), rules.version_pointer),
        files=_files(target, edits, beside),
        rows=named(sorted(rows, key=lambda row: _order(row.pointer)), target.file),
        policy_hash=policy_hash,
        kind="update",
    )


def _files(target: Target, edits: Sequence[Edit], beside: Sequence[Target]) -> tuple[FilePlan, ...]:
    others = (FilePlan(file=each.file, path=each.path, blob=each.blob) for each in beside)
    changed = FilePlan(file=target.file, path=target.path, blob=target.blob, edits=tuple(edits))
    return tuple(sorted((changed, *others), key=lambda each: each.file))


def check_settable(pointer: str, new: Json, old: Json, rules: Rules) -> None:
    """Raise Refused if an update may not set the value."""
    if not split(pointer) or is_metadata(pointer):
        raise Refused(f"{pointer or 'The whole file'} cannot be set by an update: name a value inside it.")
    if fault := _fault(new):
        raise Refused(f"The value for {pointer} {fault}")
    for each in (old, new):
        for below, leaf in leaves(each, pointer, arrays=True):
            if rules.owner(below, leaf) == "secret":
                raise Refused(f"{below} is a secret: a person with its key sets it, with sops or in the secret store.")
    for below, leaf in leaves(new, pointer, arrays=True):
        if reason := secret_heuristics(split(below)[-1], leaf):
            raise Refused(f"The value for {below} looks like {reason}: put it into the secret store, not into Git.")


def _fault(new: Json) -> str:
    """What is wrong with the value as JSON that goes through other programs; empty if nothing is."""
    document = read_json(json.dumps(None if new is MISSING else new).encode())
    if document.violations:
        return f"is not valid JSON: {document.violations[0].message}"
    return "has an integer beyond 2^53, which readers round: use a string." if document.large_integers else ""


def _check_apart(pointers: Sequence[str]) -> None:
    listed = sorted(split(pointer) for pointer in pointers)
    for one, other in pairwise(listed):
        if other[: len(one)] == one:
            raise Refused(f"{join(other)} is inside {join(one)}, or is named twice: name only one of them.")


def _order(pointer: str) -> list[tuple[int, int, str]]:
    """Indexes as numbers; `-`, the place after the last element, is behind all others."""
    return [(0, int(each), "") if _INDEX.fullmatch(each) else (1 + (each == "-"), 0, each) for each in split(pointer)]


def _edits(value: Json, pointer: str, new: Json) -> list[Edit]:
    old = find(value, pointer)
    if old is MISSING and (meant := with_slash(value, pointer)):
        raise Refused(f"{pointer} does not exist; did you mean {meant}? A slash within a key is written as ~1.")
    if new is MISSING:
        if old is MISSING:
            raise Refused(f"{pointer} does not exist, so it cannot be removed.")
        return [Edit(op="remove", pointer=pointer, before=old)]
    if old is not MISSING:
        return [] if same(old, new) else [Edit(op="replace", pointer=pointer, value=new, before=old)]
    return [_add(value, split(pointer), new)]


def _add(value: Json, tokens: tuple[str, ...], new: Json) -> Edit:
    """Add at the first missing token, with objects for all tokens below it."""
    depth = 0
    while depth < len(tokens) - 1 and (below := step(value, tokens[depth])) is not MISSING:
        value, depth = below, depth + 1
    for token in reversed(tokens[depth + 1 :]):
        new = {token: new}
    if not isinstance(value, dict | list):
        raise Refused(f"{join(tokens[:depth])} is not an object, so {join(tokens)} cannot be in it.")
    return Edit(op="add", pointer=join(tokens[: depth + 1]), value=new)


def _row(before: Json, pointer: str, new: Json, rules: Rules) -> Row:
    old = find(before, pointer)
    return Row(
        pointer=pointer,
        kind="remove" if new is MISSING else "add" if old is MISSING else "replace",
        before=shown(old, pointer, rules),
        after=shown(new, pointer, rules),
    )
