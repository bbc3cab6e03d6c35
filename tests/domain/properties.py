"""Rules that hold for every document: how they are tried, quickly in the suite and long in a marked run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liftgate.domain.rules import Rule, Rules
from liftgate.domain.value import Json

MARK = "S3CR3T"
"""Stands in every secret that the strategies make, and nowhere else."""


def holds(*strategies: st.SearchStrategy[Any], quick: int = 100) -> Callable[[Callable[..., None]], Any]:
    """Make a check of drawn values a test, once with `quick` examples and once, marked long, with 10^5."""

    def wrap(check: Callable[..., None]) -> Any:
        @pytest.mark.parametrize("examples", [quick, pytest.param(100_000, marks=pytest.mark.long)])
        def test(examples: int) -> None:
            how = settings(
                max_examples=examples,
                deadline=None,
                derandomize=examples == quick,
                suppress_health_check=list(HealthCheck),
                database=None,
            )
            how(given(*strategies)(check))()

        return test

    return wrap


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

keys = st.sampled_from(("a", "b", "c", "application", "environment", "mine", "hidden", *HOSTILE_KEYS))
secrets = st.integers(0, 9).flatmap(
    lambda n: st.sampled_from(
        (
            f"ENC[AES256_GCM,data:{MARK}{n},iv:aa,tag:bb,type:str]",
            f"vault:kv/data/{MARK}{n}#key",
            f"postgres://app:<path:kv/data/{MARK}{n}#pw>@db/app",
            f"ref+vault://kv/{MARK}{n}#/key",
        )
    )
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
scalars = st.one_of(st.none(), st.booleans(), st.integers(0, 3), numbers, texts, st.sampled_from(("x", "y")))
elements = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("pqr")}, optional={"port": st.integers(0, 2), "mine": scalars}),
    max_size=3,
)


def documents(*, secret: bool = False) -> st.SearchStrategy[dict[str, Json]]:
    """Objects; with `secret`, ciphertext and references anywhere, and plain secrets under keys named `hidden`."""
    leaf = st.one_of(scalars, secrets) if secret else scalars

    def grown(below: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
        return st.one_of(st.dictionaries(keys, below, max_size=4), st.lists(below, max_size=3), elements)

    tree = st.recursive(leaf, grown, max_leaves=12)
    objects = st.dictionaries(keys, tree, max_size=5)
    return objects.map(_hide) if secret else objects


def _hide(value: Json, key: str = "") -> Json:
    if key == "hidden":
        return MARK + "-plain"
    if isinstance(value, dict):
        return {name: _hide(below, name) for name, below in value.items()}
    return [_hide(below) for below in value] if isinstance(value, list) else value


_patterns = st.sampled_from(("/a", "/a/*", "/**/b", "/a/**", "/*/c", "/application/environment/a", "/**"))
_rule = st.builds(Rule, pointer=_patterns, owner=st.sampled_from(("promote", "own")))
_LAST = (
    Rule(pointer="/**/mine", owner="own"),
    Rule(pointer="/**/hidden", owner="secret"),
)
_IDENTITY = Rule(pointer="/**", owner="promote", identity="name")


@st.composite
def rule_sets(draw: st.DrawFn) -> Rules:
    """Random rules; `mine` is always the environment's own and `hidden` always secret."""
    identities = (_IDENTITY,) if draw(st.booleans()) else ()
    return Rules(rules=(*identities, *draw(st.lists(_rule, max_size=3)), *_LAST))


@st.composite
def layouts(draw: st.DrawFn) -> Callable[[Json], str]:
    """A way somebody may lay out JSON text."""
    indent = draw(st.sampled_from((None, 0, 1, 2, 4, "\t")))
    separators = draw(st.sampled_from(((",", ":"), (", ", ": "), (",", " : "), (" ,", ":"))))
    ascii_only, newline = draw(st.booleans()), draw(st.sampled_from(("\n", "\r\n")))
    end = draw(st.sampled_from(("", "\n", "\r\n\r\n")))

    def lay_out(value: Json) -> str:
        text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=ascii_only)
        return text.replace("\n", newline) + end

    return lay_out


def shuffled(value: Json, seed: int) -> Json:
    """The same value with another order of keys."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: hash((seed, name)))
        return {name: shuffled(value[name], seed + 1) for name in names}
    return [shuffled(each, seed) for each in value] if isinstance(value, list) else value
