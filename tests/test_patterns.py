"""Regular expressions that each supported Python matches alike."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import pytest

from tests.syntax import OURS, ROOT

# what `re` itself compiles with
_constants, _parser = import_module("re._constants"), import_module("re._parser")
SIGNS: Final = ("*+", "++", "?+", "}+", "(?>")
ONE_CHARACTER: Final = frozenset(
    {_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN, _constants.CATEGORY}
)


def possessive_groups(pattern: str) -> Iterator[str]:
    """Its possessive or atomic parts that are more than one character wide."""
    left: list[Any] = [_parser.parse(pattern)]
    while left:
        for kind, given in left.pop():
            parts = [each for each in _flat(given) if isinstance(each, _parser.SubPattern)]
            is_one = all(len(part) == 1 and part[0][0] in ONE_CHARACTER for part in parts)
            if kind is _constants.ATOMIC_GROUP or (kind is _constants.POSSESSIVE_REPEAT and not is_one):
                yield str(given)
            left += parts


def _flat(given: Any) -> Iterator[Any]:
    if isinstance(given, tuple | list):
        for each in given:
            yield from _flat(each)
    else:
        yield given


@pytest.mark.parametrize("pattern", [r"(?:ab)*+", r"a(?:b(?:\.[0-9]++)?+)", r"(?>[a-z]|b)", r"x|(?:y{2}z)++"])
def test_a_possessive_group_is_found(pattern: str) -> None:
    assert list(possessive_groups(pattern))


@pytest.mark.parametrize("pattern", [r"[a-z]*+", r"(?:a[0-9]{2,}+)*", r".?+\d++[^x]*+", r"\*+"])
def test_one_possessive_character_is_none(pattern: str) -> None:
    assert not list(possessive_groups(pattern))


def test_no_pattern_has_a_possessive_group() -> None:
    """Python before 3.11.5 goes on from the wrong place after one, so Debian 12's: https://github.com/python/cpython/issues/106052."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {group}"
        for name in OURS
        for path in sorted((ROOT / name).rglob("*.py"))
        if any(sign in (text := path.read_text()) for sign in SIGNS)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and any(s in node.value for s in SIGNS)
        for group in possessive_groups(node.value)
    ]
    assert not found
