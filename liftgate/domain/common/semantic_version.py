"""Which of two versions is lower, by Semantic Versioning 2.0.0 (semver.org)."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = "0|[1-9][0-9]{0,17}"
_FORM: Final = re.compile(rf"v?({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_Part = tuple[bool, int, str]


def is_lower(version: str, than: str) -> bool:
    """False if one of the two is not a semantic version, or if they differ only in their build."""
    one, other = _order(version), _order(than)
    return one is not None and other is not None and one < other


def _order(version: str) -> tuple[int, int, int, bool, tuple[_Part, ...]] | None:
    """Sorts as the versions do: numbers before text, and a pre-release before its release."""
    found = _FORM.fullmatch(version)
    if found is None:
        return None
    major, minor, patch = (int(found[at]) for at in (1, 2, 3))
    parts = tuple(map(_part, found[4].split("."))) if found[4] else ()
    return major, minor, patch, not parts, parts


def _part(text: str) -> _Part:
    return (False, int(text), "") if text.isascii() and text.isdigit() and len(text) < 19 else (True, 0, text)
