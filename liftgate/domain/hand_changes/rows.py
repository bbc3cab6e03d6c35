"""What a change by hand does to the values of a file, for people: one row a pointer, by the owner of the value."""

from __future__ import annotations

from typing import Final

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import MISSING, find, leaves
from liftgate.domain.planning.row import Kind, Row, shown
from liftgate.domain.planning.rules import Rules, is_metadata
from liftgate.domain.secrets.secret import Owner

OWNERS: Final[tuple[Owner, ...]] = ("promote", "own", "secret")
"""In the order in which people see them: values of the release, of the environment, secrets."""


def rows_by_owner(before: Json, after: Json, rules: Rules) -> dict[Owner, tuple[Row, ...]]:
    """Secrets are masked; owners without a change are left out. `before` is `{}` for a new file, `after` for a removed
    one. An array is one value."""
    old, new = dict(leaves(before)), dict(leaves(after))
    found: dict[Owner, list[Row]] = {owner: [] for owner in OWNERS}
    for pointer in dict.fromkeys((*new, *old)):
        one, other = old.get(pointer, MISSING), new.get(pointer, MISSING)
        if not pointer or is_metadata(pointer) or (MISSING not in (one, other) and same(one, other)):
            continue
        if (one == {} and _has_members(after, pointer)) or (other == {} and _has_members(before, pointer)):
            continue  # an object that gets its first member or loses its last one: the member has a row
        owners = {rules.owner(pointer, value) for value in (one, other) if value is not MISSING}
        owner = next(each for each in reversed(OWNERS) if each in owners)
        found[owner].append(_row(pointer, one, other, rules))
    return {owner: tuple(sorted(rows, key=lambda row: row.pointer)) for owner, rows in found.items() if rows}


def _has_members(value: Json, pointer: str) -> bool:
    found = find(value, pointer)
    return isinstance(found, dict) and bool(found)


def _row(pointer: str, before: Json, after: Json, rules: Rules) -> Row:
    kind: Kind = "add" if before is MISSING else "remove" if after is MISSING else "replace"
    return Row(pointer=pointer, kind=kind, before=shown(before, pointer, rules), after=shown(after, pointer, rules))
