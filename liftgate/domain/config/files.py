"""The values files of an application: which paths a pattern means, and the name that a file has in all environments."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MARK: Final = "{environment}"
_PARTS: Final = re.compile(r"\*\*/|\*|\{environment\}")
_WILD: Final = {"**/": r"((?:[^/]+/)*)", "*": r"([^/]*)"}


def is_glob(pattern: str) -> bool:
    """Whether `*` (any characters of one name) or `**/` (any folders) stands in it."""
    return "*" in pattern


def name_of(pattern: str, path: str, environment: str) -> str:
    """The name of the file at this path (below the environment): the pattern with its wildcards filled in, but with
    `{environment}` as it is written, so that the file has one name in all environments. Empty if it does not match."""
    found = _expression(pattern, environment).fullmatch(path)
    if found is None:
        return ""
    wild = iter(found.groups())
    return _PARTS.sub(lambda part: part[0] if part[0] == MARK else next(wild), pattern)


def matches_name(pattern: str, name: str) -> bool:
    """Whether a file of this name is meant; an empty pattern means every file."""
    return not pattern or _expression(pattern, MARK).fullmatch(name) is not None


def may_match(pattern: str, other: str) -> bool:
    """Whether a file can match both patterns, as far as that can be told from the patterns alone."""
    return (is_glob(pattern) and is_glob(other)) or matches_name(pattern, other) or matches_name(other, pattern)


def pathspec(path: str) -> str:
    """For Git: the path itself, or what finds the glob's files also in commits that no longer have them."""
    return ":(glob)" + re.sub(r"([\\?\[])", r"\\\1", path) if is_glob(path) else path


@lru_cache(maxsize=1024)
def _expression(pattern: str, environment: str) -> re.Pattern[str]:
    parts, at = [], 0
    for part in _PARTS.finditer(pattern):
        parts += [re.escape(pattern[at : part.start()]), _WILD.get(part[0]) or re.escape(environment)]
        at = part.end()
    return re.compile("".join([*parts, re.escape(pattern[at:])]))
