"""Arrays whose elements are identified by a key are compared as objects."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import escape
from liftgate.domain.planning.rules import Rules


class Keyed(dict[str, Json]):
    """An array's elements in order, each under `KEY=IDENTITY`."""


def keyed(value: Json, rules: Rules, pointer: str = "") -> Json:
    """The same value, with every array that has and follows an identity rule as a Keyed."""
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
    """None if an element has no unique identity: then the array is one value."""
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


def same_in_order(one: Json, other: Json) -> bool:
    """Whether they are the same as JSON: the order of keys does not matter, that of elements does."""
    return same(one, other) and same(plain(one), plain(other))


def woven(first: Iterable[str], second: Iterable[str]) -> list[str]:
    """All tokens, in the order of the first; those that only the second has stand before the one that follows there."""
    order, follower = list(first), ""
    known = set(order)
    for token in reversed(list(second)):
        if token not in known:
            order.insert(order.index(follower) if follower else len(order), token)
        follower = token
    return order


def is_alike(one: Json, other: Json) -> bool:
    """Whether both are containers whose members can be compared."""
    return isinstance(one, dict) and isinstance(other, dict) and isinstance(one, Keyed) == isinstance(other, Keyed)
