"""Every value of a document with the name it goes by, which is not always the key it stands under."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from liftgate.domain.pointer import escape
from liftgate.domain.value import Json


class Named(NamedTuple):
    """`key` is the name that says what the value is for."""

    pointer: str
    key: str
    value: Json


_GROUPS: Final = {
    "secrets": "secret",
    "credentials": "credential",
    "passwords": "password",
    "tokens": "token",
}
_VALUE_KEYS: Final = ("value", "val", "data", "current", "default", "content")
_NAME_KEYS: Final = ("name", "key", "variable", "env")


def named(value: Json) -> Iterator[Named]:
    """Elements go by their array's name, `{"name": N, "value": V}` by N, members of `secrets` as secrets."""
    todo = [Named("", "", value)]
    while todo:
        each = todo.pop()
        if isinstance(each.value, dict) and each.value:
            todo.extend(reversed(list(_members(each, each.value))))
        elif isinstance(each.value, list) and each.value:
            elements = enumerate(each.value)
            todo.extend(reversed([Named(f"{each.pointer}/{at}", each.key, below) for at, below in elements]))
        else:
            yield each


def _members(parent: Named, members: dict[str, Json]) -> Iterator[Named]:
    name = next((members[key] for key in _NAME_KEYS if isinstance(members.get(key), str)), parent.key)
    group = _GROUPS.get(parent.key.lower())
    for key, below in members.items():
        goes_by = name if key.lower() in _VALUE_KEYS else key
        yield Named(f"{parent.pointer}/{escape(key)}", f"{goes_by}_{group}" if group else goes_by, below)
