"""Every value of a document with the name it goes by, which is not always the key it stands under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import escape


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
_VALUE_KEYS: Final = ("value", "val", "data", "current", "default", "content", "parametervalue")
_NAME_KEYS: Final = ("name", "key", "variable", "env", "parameterkey", "parametername")
_SPECIAL: Final = frozenset((*_VALUE_KEYS, *_NAME_KEYS))
"""All other keys are the names of what stands under them."""


_OPTION: Final = re.compile(r"--?[A-Za-z][\w.-]{1,60}")


def named(value: Json) -> Iterator[Named]:
    """Elements go by their array's name, `{"name": N, "value": V}` by N, members of `secrets` as secrets."""
    todo = [Named("", "", value)]
    while todo:
        each = todo.pop()
        if isinstance(each.value, dict) and each.value:
            todo.extend(reversed(list(_members(each, each.value))))
        elif isinstance(each.value, list) and each.value:
            todo.extend(reversed(list(_elements(each, each.value))))
        else:
            yield each


def _elements(parent: Named, elements: list[Json]) -> Iterator[Named]:
    """An element after an option (`["--db-password", "…"]`) goes by the option's name."""
    option = ""
    for at, below in enumerate(elements):
        yield Named(f"{parent.pointer}/{at}", option or parent.key, below)
        is_option = isinstance(below, str) and _OPTION.fullmatch(below) is not None
        option = str(below) if is_option else ""


def _members(parent: Named, members: dict[str, Json]) -> Iterator[Named]:
    group = _GROUPS.get(parent.key.lower())
    lower = {key.lower(): value for key, value in members.items()}
    if not group and _SPECIAL.isdisjoint(lower):
        yield from (Named(f"{parent.pointer}/{escape(key)}", key, below) for key, below in members.items())
        return
    name = next((str(lower[key]) for key in _NAME_KEYS if isinstance(lower.get(key), str)), parent.key)
    has_value = any(key in lower for key in _VALUE_KEYS)
    for key, below in members.items():
        goes_by = name if key.lower() in _VALUE_KEYS else key
        if key.lower() == "key" and not has_value:
            goes_by = f"{parent.key}_{key}"
        yield Named(f"{parent.pointer}/{escape(key)}", f"{goes_by}_{group}" if group else goes_by, below)
