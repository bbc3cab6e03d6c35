"""Who owns a value: the release promotes it, the environment owns it, or it is a secret and never copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Final

from pydantic import Field

from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.pointer import MISSING, covering, escape, find, join, leaves, matches, split
from liftgate.domain.secrets.secret import Owner, contains_secret
from liftgate.errors import Misconfigured

OneFile = Annotated[str, Field(exclude_if=lambda file: not file)]
"""The name of one of several files. Empty it stands in no JSON, so that what has one file keeps its digests."""


class Rule(Value):
    """The owner of what the pattern matches and everything below; `identity` is a key that identifies elements."""

    pointer: str
    """JSON pointer of the values; it covers everything below, and takes `*` and `**`."""
    owner: Owner
    """`promote`: a release brings the value; `own`: the environment keeps its own; `secret`: it is never copied."""
    file: OneFile = ""
    """With several values files, the file or files it holds for, as `values` names them. Empty: all."""
    identity: str | None = None
    """Of an array at the pointer: the key that identifies its elements, so that each element is merged by itself."""


VERSION: Final = "/application/version"
"""Where the values say the version of a release, unless `liftgate.json` names another place."""
VersionPointer = Annotated[str, Field(exclude_if=lambda pointer: pointer == VERSION)]
"""As usual it stands in no JSON, so that an application without one of its own keeps its digests."""
BUILT_IN: Final = (
    Rule(pointer="/application/name", owner="promote"),
    Rule(pointer=VERSION, owner="promote"),
    Rule(pointer="/application/environment", owner="own"),
)
_SOPS: Final = "/sops"
_STRICTEST: Final[tuple[Owner, ...]] = ("secret", "own")


class Rules(Value):
    """In order: the last rule that covers a pointer decides.

    A value that no rule covers is promoted, except over another value at the first promotion: that is a conflict.
    """

    rules: tuple[Rule, ...] = ()
    version_pointer: VersionPointer = VERSION
    """Where the values say the version: it is promoted, unless a rule says something else."""

    def owner(self, pointer: str, value: Json = None) -> Owner:
        """The owner of the value at the pointer; ciphertext and references are always secret.

        An array is one value: if anything in it is not promoted, none of it is.
        """
        if isinstance(value, str | list | dict) and contains_secret(value):
            return "secret"
        own = self._by_rule(pointer)
        if own != "promote" or not isinstance(value, list):
            return own
        owners = {self._by_rule(below) for below, _ in leaves(value, pointer, arrays=True)}
        return next((owner for owner in _STRICTEST if owner in owners), own)

    def decides(self, pointer: str) -> bool:
        """Whether a rule covers the pointer."""
        return is_metadata(pointer) or any(pattern.fullmatch(pointer) for pattern, _ in self._patterns)

    def _by_rule(self, pointer: str) -> Owner:
        if is_metadata(pointer):
            return "own"
        return next((owner for pattern, owner in self._patterns if pattern.fullmatch(pointer)), "promote")

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], Owner], ...]:
        """Last first."""
        own = () if self.version_pointer == VERSION else (Rule(pointer=self.version_pointer, owner="promote"),)
        return tuple((covering(rule.pointer), rule.owner) for rule in reversed(BUILT_IN + own + self.rules))

    def identity(self, pointer: str) -> str | None:
        """The key that identifies the elements of this array, or None: then the array is one value.

        A rule with an index into the array makes it one value too: the rule would be wrong once elements move.
        """
        if any(matches(counted, pointer) for counted in self._counted):
            return None
        named = (rule for rule in reversed(self.rules) if rule.identity)
        return next((rule.identity for rule in named if matches(rule.pointer, pointer)), None)

    @cached_property
    def _counted(self) -> tuple[str, ...]:
        """Patterns of the arrays that a rule addresses by index."""
        pairs = ((split(rule.pointer), at) for rule in self.rules for at in range(rule.pointer.count("/")))
        return tuple(join(tokens[:at]) for tokens, at in pairs if tokens[at].isdecimal())

    @property
    def has_identities(self) -> bool:
        return any(rule.identity for rule in self.rules)


def is_metadata(pointer: str) -> bool:
    """SOPS' own block: it belongs to one file and is not a value."""
    return pointer == _SOPS or pointer.startswith(_SOPS + "/")


def from_schema(schema: Json) -> tuple[Rule, ...]:
    """The rules in a JSON Schema (`x-liftgate-owner`, `x-liftgate-identity`), outer ones first."""
    rules: tuple[Rule, ...] = ()
    for pointer, owner, identity in _Schema(schema).named(schema, "", frozenset()):
        inherited = Rules(rules=rules).owner(pointer)
        rules += (_rule(pointer, inherited if owner is None else owner, identity),)
    return rules


class _Schema:
    """A bounded walk: references can make a small schema describe infinitely many places."""

    def __init__(self, root: Json) -> None:
        self.root = root
        self.left = 10_000

    def named(self, schema: Json, pointer: str, seen: frozenset[str]) -> Iterator[tuple[str, Json, Json]]:
        """Pointer, owner and identity of each place where the schema names one of them."""
        if not isinstance(schema, dict):
            return
        self.left -= 1
        if self.left < 0:
            raise Misconfigured("The schema describes more than 10000 places: its references multiply.")
        owner, identity = schema.get("x-liftgate-owner"), schema.get("x-liftgate-identity")
        if owner is not None or identity is not None:
            yield pointer, owner, identity
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#") and reference not in seen:
            yield from self.named(_target(self.root, reference[1:]), pointer, seen | {reference})
        for below, token in _below(schema):
            yield from self.named(below, pointer + token, seen)


def _target(root: Json, pointer: str) -> Json:
    """An anchor is not a pointer; the validation step reports its errors."""
    return find(root, pointer) if not pointer or pointer.startswith("/") else MISSING


def _below(schema: dict[str, Any]) -> Iterator[tuple[Json, str]]:
    """Subschemas with their token: general ones before special ones, because the last rule wins."""
    for keyword in ("additionalProperties", "items"):
        yield schema.get(keyword), "/*"
    patterns, properties = schema.get("patternProperties"), schema.get("properties")
    for below in (patterns if isinstance(patterns, dict) else {}).values():
        yield below, "/*"
    for key, below in (properties if isinstance(properties, dict) else {}).items():
        yield below, "/" + escape(key)
    for keyword in ("allOf", "anyOf", "oneOf"):
        alternatives = schema.get(keyword)
        yield from ((below, "") for below in (alternatives if isinstance(alternatives, list) else []))
    yield from ((schema.get(keyword), "") for keyword in ("then", "else"))


def _rule(pointer: str, owner: Json, identity: Json) -> Rule:
    where = pointer or "the root of the schema"
    if owner not in ("promote", "own", "secret"):
        raise Misconfigured(f"x-liftgate-owner at {where} must be 'promote', 'own' or 'secret'.")
    if identity is not None and not isinstance(identity, str):
        raise Misconfigured(f"x-liftgate-identity at {where} must be the name of a key.")
    return Rule(pointer=pointer, owner=owner, identity=identity)
