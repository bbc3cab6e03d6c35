"""Paths that differ only in an environment's name, grouped by what they have in common."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from liftgate.domain.adoption.environment_names import Named, environment_in

MARK: Final = "{environment}"
_SEPARATOR: Final = re.compile(r"[._-]+")
_WORDS: Final = 12
"""Words of one name that are looked at."""
_NEVER: Final = re.compile(
    r"(?:^|/)(?:\.[^/]*|node_modules|vendor|dist|schemas?|testdata|fixtures|__tests__|__mocks__|i18n|locales?)/"
    r"|(?:^|/)(?:package|package-lock|npm-shrinkwrap|composer|angular|nx|turbo|lerna|renovate|bower|manifest"
    r"|(?:ts|js)config(?:[.-][^/]*)?)\.json$"
    r"|(?:^|/)\.[^/]*$|\.(?:schema|spec|test)\.json$|^liftgate\.json$",
    re.IGNORECASE,
)
"""Files of tools, tests and translations: they are not values of an environment."""


@dataclass(frozen=True)
class Candidate:
    """One way to read a path: `template` has a mark for each place that names the environment."""

    template: str
    environment: Named
    spellings: tuple[str, ...]
    """The environment's name at each mark."""


@dataclass(frozen=True)
class Group:
    """Files that differ only in their environment: the values of one application."""

    template: str
    found: Mapping[str, Candidate]
    """By the environment's key."""
    paths: Mapping[str, str]
    doubled: tuple[tuple[str, str], ...] = field(default=())
    """Pairs of files that name one environment in two ways; the first one counts."""

    @property
    def is_plain(self) -> bool:
        """Whether one is a word alone: `prod-eu` and `prod-us` are regions of one environment."""
        return any(candidate.environment.is_plain for candidate in self.found.values())

    @property
    def is_pipeline(self) -> bool:
        return len(self.found) > 1 and self.is_plain


def could_be_values(path: str) -> bool:
    return path.endswith(".json") and not _NEVER.search(path)


def groups(paths: Iterable[str]) -> list[Group]:
    """Every path once, in the reading that puts the most environments together; groups of one environment too."""
    read = {path: list(_candidates(path)) for path in sorted(paths)}
    keys: dict[str, set[str]] = defaultdict(set)
    for candidates in read.values():
        for each in candidates:
            keys[each.template].add(each.environment.key)
    chosen: dict[str, list[tuple[str, Candidate]]] = defaultdict(list)
    for path, candidates in read.items():
        if candidates:
            best = max(candidates, key=lambda each: _likelihood(each, len(keys[each.template])))
            chosen[best.template].append((path, best))
    return [_group(template, members) for template, members in sorted(chosen.items())]


def _likelihood(candidate: Candidate, environments: int) -> tuple[bool, bool, int, int]:
    """A word alone before one with more (`prod` of `prod-app.json` before `prod-app`), if there are others like it."""
    return environments > 1, candidate.environment.is_plain, environments, len(candidate.spellings)


def _group(template: str, members: list[tuple[str, Candidate]]) -> Group:
    found: dict[str, Candidate] = {}
    paths: dict[str, str] = {}
    doubled = []
    for path, candidate in members:
        key = candidate.environment.key
        if key in found:
            doubled.append((paths[key], path))
        else:
            found[key], paths[key] = candidate, path
    return Group(template=template, found=found, paths=paths, doubled=tuple(doubled))


def _candidates(path: str) -> Iterator[Candidate]:
    """Each environment that the path names, at all of its places and at each single one."""
    places: dict[str, list[tuple[int, int, Named]]] = defaultdict(list)
    for start, end, named in _places(path):
        places[named.key].append((start, end, named))
    for found in places.values():
        apart = [place for at, place in enumerate(found) if at == 0 or place[0] >= found[at - 1][1]]
        if len(apart) > 1:
            yield _candidate(path, apart)
        yield from (_candidate(path, [place]) for place in found)


def _candidate(path: str, places: list[tuple[int, int, Named]]) -> Candidate:
    template = path
    for start, end, _ in reversed(places):
        template = template[:start] + MARK + template[end:]
    spellings = tuple(path[start:end] for start, end, _ in places)
    return Candidate(template=template, environment=places[-1][2], spellings=spellings)


def _places(path: str) -> Iterator[tuple[int, int, Named]]:
    """(start, end, environment) of the words in each folder's name and in the file's."""
    at = 0
    for name in path.removesuffix(".json").split("/"):
        starts = [0, *(found.end() for found in _SEPARATOR.finditer(name))]
        ends = [*(found.start() for found in _SEPARATOR.finditer(name)), len(name)]
        for first, start in enumerate(starts[:_WORDS]):
            for end in ends[first:_WORDS]:
                if named := environment_in(name[start:end]):
                    yield at + start, at + end, named
        at += len(name) + 1
