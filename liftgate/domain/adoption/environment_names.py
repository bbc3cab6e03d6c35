"""Words that name environments: in folders, in file names and inside values."""

from __future__ import annotations

import re
from typing import Final

from liftgate.domain.common.value import Value

_FAMILIES: Final = (
    ("dev", "develop", "development", "devel"),
    ("int", "integration"),
    ("test", "testing", "tst"),
    ("qa", "qas"),
    ("uat", "acc", "acceptance"),
    ("staging", "stage", "stg"),
    ("preprod", "preproduction", "pre-prod", "pre-production"),
    ("prod", "production", "prd", "live"),
)
"""Synonyms, in the usual order of promotion."""
_RANKS: Final = {word: rank for rank, words in enumerate(_FAMILIES) for word in words}
_WORD: Final = "|".join(sorted(map(re.escape, _RANKS), key=len, reverse=True))
_EXTENDED: Final = re.compile(rf"(?P<word>{_WORD})(?P<rest>[0-9]{{1,3}}|[-_][a-z0-9_-]{{1,40}})")
_PREFIXED: Final = re.compile(rf"(?P<rest>[a-z0-9_-]{{1,40}}?[-_])(?P<word>{_WORD})")
_PRODUCTION: Final = len(_FAMILIES) - 1
_PARTS: Final = re.compile(r"[A-Za-z]+")


class Named(Value):
    """An environment as a path spells it; `key` is equal for synonyms."""

    key: str
    rank: int
    spelled: str
    is_plain: bool = True
    """False for a word with more around it, such as a region."""


def environment_in(word: str) -> Named | None:
    """The environment that this folder name, or part of a file name, is; None if it is none.

    `prod`, `Production`, `prod-eu`, `eu-prod` and `dev2` are environments; `product` and `devices` are not.
    """
    lower = word.lower()
    if lower in _RANKS:
        return Named(key=_FAMILIES[_RANKS[lower]][0], rank=_RANKS[lower], spelled=word)
    found = _EXTENDED.fullmatch(lower) or _PREFIXED.fullmatch(lower)
    if not found:
        return None
    rank = _RANKS[found["word"]]
    key = f"{_FAMILIES[rank][0]} {found['rest'].strip('-_')}"
    return Named(key=key, rank=rank, spelled=word, is_plain=False)


def is_production(rank: int) -> bool:
    """Also of one region."""
    return rank == _PRODUCTION


def environments_named(text: str) -> frozenset[int]:
    """Ranks of the environments that a value names, as a whole word of it."""
    words = (found.group().lower() for found in _PARTS.finditer(text))
    return frozenset(_RANKS[word] for word in words if word in _RANKS)


def without_environments(text: str) -> str:
    """The value with each environment's name replaced, to compare values that differ only in it."""
    return _PARTS.sub(lambda found: "{}" if found.group().lower() in _RANKS else found.group(), text)
