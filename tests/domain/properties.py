"""Rules that hold for every document: how they are tried, quickly in the suite and long in a marked run."""

from __future__ import annotations

import functools
import itertools
import json
import math
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liftgate.domain.common.value import Json
from liftgate.domain.planning.pins import Pin
from liftgate.domain.planning.rules import Rule, Rules
from liftgate.domain.secrets.secret import Owner

MARK = "S3CR3T"
"""Stands in every secret that the strategies make, and nowhere else."""


def holds(*strategies: st.SearchStrategy[Any], quick: int = 40) -> Callable[[Callable[..., None]], Any]:
    """Make a check of drawn values a test, once with `quick` examples and once, marked long, with 10^5.

    How many there really were stands in the report (`--junitxml`), and fewer fail the test.
    """

    def wrap(check: Callable[..., None]) -> Any:
        @pytest.mark.parametrize("examples", [quick, pytest.param(100_000, marks=pytest.mark.long)])
        def test(examples: int, record_property: Callable[[str, object], None]) -> None:
            how = settings(
                max_examples=examples,
                deadline=None,
                derandomize=examples == quick,
                suppress_health_check=list(HealthCheck),
                database=None,
            )
            done = itertools.count()
            how(given(*strategies)(_counted(check, done)))()
            record_property("examples", made := next(done))
            assert made >= examples

        return test

    return wrap


def _counted(check: Callable[..., None], done: Iterator[int]) -> Callable[..., None]:
    @functools.wraps(check)
    def counted(*drawn: Any, **named: Any) -> None:
        check(*drawn, **named)
        next(done)

    return counted


HOSTILE_KEYS = (
    "",
    "/",
    "~",
    "~1",
    "~0",
    "a/b",
    "__proto__",
    "é",
    "\u202eabc",
    "name=a",
    "*",
    "**",
    "0",
    "-",
    "k" * 90,
)

_T = TypeVar("_T")
_NAMES = ("a", "b", "c", "application", "environment", "mine", "hidden")
keys = st.sampled_from((*_NAMES, *HOSTILE_KEYS))
_TEXTS = (
    "",
    "x",
    "y",
    "é",
    "\u2028",
    "😀",
    '"\\',
    "</a>&",
    "1",
    "null",
    "\x00\x1f\x7f",
    "<path",
    "$" + "{a}",
    "ENC",
    "a b\tc",
)
_NUMBERS = (0, 1, 2, 3, -1, 2**53, -(2**53), 0.0, -0.0, 1.0, 1.5, 1e22, 5e-324, -1.7976931348623157e308, 0.1)
_SECRETS = (
    "ENC[AES256_GCM,data:{},iv:aa,tag:bb,type:str]",
    "vault:kv/data/{}#key",
    "postgres://app:<path:kv/data/{}#pw>@db/app",
    "ref+vault://kv/{}#/key",
)


class Dice:
    """Choices read off bytes: hypothesis draws the bytes at once, where a draw for each choice takes ten times as long.

    Bytes that are 0, or no more there, are the first option, so that it finds the smallest case that fails.
    """

    def __init__(self, data: bytes) -> None:
        self._left = iter(data)

    def below(self, limit: int) -> int:
        return next(self._left, 0) % limit

    def one_of(self, *options: _T) -> _T:
        return options[self.below(len(options))]

    def number(self) -> float:
        """One that somebody may have got wrong, or any number that JSON can have."""
        if self.below(2) == 0:
            return self.one_of(*_NUMBERS)
        data = bytes(self.below(256) for _ in range(8))
        number = struct.unpack(">d", data)[0]
        return number if math.isfinite(number) and self.below(2) else int.from_bytes(data[:6]) - 2**47

    def text(self) -> str:
        """Up to four pieces, or any code point that is no half of a pair."""
        pieces = [self.one_of(*_TEXTS) for _ in range(self.below(5))]
        point = self.below(256) << 12 | self.below(256) << 4
        return "".join(pieces) + (chr(point % 0xD800) if self.below(4) == 3 else "")


class _Documents(Dice):
    """Values that grow while there are bytes for them."""

    def __init__(self, data: bytes, *, secret: bool) -> None:
        super().__init__(data)
        self._secret = secret

    def object(self, depth: int = 0) -> dict[str, Json]:
        return dict(self._member(depth) for _ in range(self.below(8 - depth)))

    def _member(self, depth: int) -> tuple[str, Json]:
        key = self.one_of(*_NAMES) if self.below(2) == 0 else self.one_of(*HOSTILE_KEYS)
        value = self._value(depth + 1)
        return key, MARK + "-plain" if self._secret and key == "hidden" else value

    def _value(self, depth: int) -> Json:
        kind = self.below(8) if depth < 5 else 0
        if kind < 4:
            return self._scalar()
        if kind == 4:
            return [self._value(depth + 1) for _ in range(self.below(4))]
        return [self._element() for _ in range(self.below(4))] if kind == 5 else self.object(depth)

    def _scalar(self) -> Json:
        if self._secret and self.below(4) == 3:
            return self.one_of(*_SECRETS).format(f"{MARK}{self.below(10)}")
        kind = self.below(6)
        if kind < 3:
            return self.one_of(None, False, True, 0, 1, 2, 3, "x", "y")
        return self.text() if kind == 3 else self.number()

    def _element(self) -> Json:
        """Of an array whose elements may have a name each."""
        more = {"port": self.below(3), "mine": self._scalar()}
        return {"name": self.one_of(*"pqr")} | {key: more[key] for key in more if self.below(2)}


def documents(*, secret: bool = False) -> st.SearchStrategy[dict[str, Json]]:
    """Objects; with `secret`, ciphertext and references anywhere, and plain secrets under keys named `hidden`."""
    return _bytes(192).map(lambda data: _Documents(data, secret=secret).object())


Sides: TypeAlias = tuple[Json | None, Json, Json]


def sides(*, secret: bool = False) -> st.SearchStrategy[Sides]:
    """Base (None for the first time), release and target; mostly versions of one document, as a merge meets them."""
    return _bytes(32 + 3 * 192).map(lambda data: _sides(data, secret=secret))


def _sides(data: bytes, *, secret: bool) -> Sides:
    dice, trunk = Dice(data[:32]), data[32:224]
    others = [trunk if dice.below(4) < 3 else data[at : at + 192] for at in (224, 416)]
    base, release, target = (_Documents(_changed(each, dice), secret=secret).object() for each in (trunk, *others))
    return (None if dice.below(8) == 7 else base), release, target


def _changed(data: bytes, dice: Dice) -> bytes:
    """An early byte decides much of a document, a late one little."""
    changed = bytearray(data)
    for _ in range(dice.below(4)):
        changed[dice.one_of(128, 64, 32, 16) - 1 - dice.below(16)] = dice.below(256)
    return bytes(changed)


def _bytes(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


_PATTERNS = ("/a", "/a/*", "/**/b", "/a/**", "/*/c", "/application/environment/a", "/**")
_LAST = (
    Rule(pointer="/**/mine", owner="own"),
    Rule(pointer="/**/hidden", owner="secret"),
)
_IDENTITY = Rule(pointer="/**", owner="promote", identity="name")


def rule_sets() -> st.SearchStrategy[Rules]:
    """Random rules; `mine` is always the environment's own and `hidden` always secret."""
    return _bytes(8).map(_rules)


def _rules(data: bytes) -> Rules:
    dice = Dice(data)
    identities = (_IDENTITY,) if dice.below(2) else ()
    owners: tuple[Owner, ...] = ("promote", "own")
    drawn = (Rule(pointer=dice.one_of(*_PATTERNS), owner=dice.one_of(*owners)) for _ in range(dice.below(4)))
    return Rules(rules=(*identities, *drawn, *_LAST))


_PINNED = ("/a", "/**/b", "/a/**", "/application/*", "/**/name", "/*/name=p", "/**/port", "/**/mine")


def pin_sets() -> st.SearchStrategy[tuple[Pin, ...]]:
    """One pin or two."""
    return _bytes(3).map(_pins)


def _pins(data: bytes) -> tuple[Pin, ...]:
    dice = Dice(data)
    return tuple(Pin(pointer=dice.one_of(*_PINNED), owner="ada", reason="x") for _ in range(1 + dice.below(2)))


def layouts() -> st.SearchStrategy[Callable[[Json], str]]:
    """A way somebody may lay out JSON text."""
    return _bytes(5).map(_layout)


def _layout(data: bytes) -> Callable[[Json], str]:
    dice = Dice(data)
    indent = dice.one_of(None, 0, 1, 2, 4, "\t")
    separators = dice.one_of((",", ":"), (", ", ": "), (",", " : "), (" ,", ":"))
    ascii_only, newline = dice.one_of(False, True), dice.one_of("\n", "\r\n")
    end = dice.one_of("", "\n", "\r\n\r\n")

    def lay_out(value: Json) -> str:
        text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=ascii_only)
        return text.replace("\n", newline) + end

    return lay_out


def renamings() -> st.SearchStrategy[dict[str, str]]:
    """Other names for all keys but those that rules are about: hostile, random and long ones, no two alike."""
    return _bytes(160).map(_renaming)


def _renaming(data: bytes) -> dict[str, str]:
    dice = Dice(data)
    plain = [*_NAMES[:3], *HOSTILE_KEYS]
    pool = [*HOSTILE_KEYS, *((dice.text() * 100)[: dice.one_of(1, 9, 100)] for _ in range(8)), *"abc"]
    pool = [name for name in dict.fromkeys(pool) if name not in _NAMES[3:]]
    return {name: pool.pop(dice.below(len(pool))) for name in plain}


def renamed(value: Json, names: dict[str, str]) -> Json:
    if isinstance(value, dict):
        return {names.get(key, key): renamed(below, names) for key, below in value.items()}
    return [renamed(each, names) for each in value] if isinstance(value, list) else value


def shuffled(value: Json, seed: int) -> Json:
    """The same value with another order of keys."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: zlib.crc32(f"{seed}{name}".encode()))
        return {name: shuffled(value[name], seed + 1) for name in names}
    return [shuffled(each, seed) for each in value] if isinstance(value, list) else value
