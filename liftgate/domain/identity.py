"""Arrays whose elements are told apart by a key, seen as objects while values are compared."""

from __future__ import annotations

from liftgate.domain.pointer import escape
from liftgate.domain.rules import Rules
from liftgate.domain.value import Json


class Keyed(dict[str, Json]):
    """An array's elements in their order, each under `KEY=IDENTITY`."""


def keyed(value: Json, rules: Rules, pointer: str = "") -> Json:
    """The same value with every array that has an identity rule (and obeys it) as a Keyed."""
    if not rules.has_identities:
        return value
    if isinstance(value, dict):
        return {key: keyed(below, rules, f"{pointer}/{escape(key)}") for key, below in value.items()}
    identity = rules.identity(pointer) if isinstance(value, list) else None
    tokens = _tokens(value, identity) if identity else None
    if tokens is None:
        return value
    return Keyed(
        (token, keyed(below, rules, f"{pointer}/{escape(token)}")) for token, below in zip(tokens, value, strict=True)
    )


def _tokens(elements: list[Json], identity: str) -> list[str] | None:
    """None when an element has no identity of its own: then the array is one value."""
    if not all(isinstance(each, dict) and type(each.get(identity)) in (str, int) for each in elements):
        return None
    tokens = [f"{identity}={each[identity]}" for each in elements]
    return tokens if len(set(tokens)) == len(tokens) else None


def plain(value: Json) -> Json:
    """The value as JSON again."""
    if isinstance(value, Keyed):
        return [plain(below) for below in value.values()]
    if isinstance(value, dict):
        return {key: plain(below) for key, below in value.items()}
    return value


def is_alike(one: Json, other: Json) -> bool:
    """Whether both are containers that can be compared member by member."""
    return isinstance(one, dict) and isinstance(other, dict) and isinstance(one, Keyed) == isinstance(other, Keyed)
