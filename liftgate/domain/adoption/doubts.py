"""What an adoption is unsure of, in sentences for the person who decides."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from liftgate.domain.adoption.guards import side_by_side
from liftgate.domain.adoption.layout import Layout
from liftgate.domain.adoption.learn import Learned
from liftgate.domain.adoption.version_pointers import VersionPointers
from liftgate.domain.common.plain import printable
from liftgate.domain.common.words import in_words

_SHOWN: Final = 5
_UNUSUAL: Final = frozenset((4, 5))
"""Ranks of uat and staging: teams have them in either order."""


def doubts_about_layout(
    layout: Layout, unread: Mapping[str, str], others: Sequence[str], schemas: Sequence[str]
) -> list[str]:
    """`unread` has a reason for each path that is left out; `others` are files that are not JSON."""
    own = f"Schemas of your own are not used yet: {shown(schemas)}; name one in applications.NAME.schema."
    return [
        *_about_order(layout),
        *_about_files(layout),
        *(f"{path} is left out: {reason}." for path, reason in list(unread.items())[:_SHOWN]),
        *([f"{len(unread) - _SHOWN} more files are left out."] if len(unread) > _SHOWN else []),
        *([f"Not JSON, so Liftgate cannot promote it: {shown(others)}."] if others else []),
        *([f"In one environment only, so it is left out: {shown(layout.alone)}."] if layout.alone else []),
        *([own] if schemas else []),
    ]


def doubts_about_rules(learned: Learned) -> list[str]:
    found = []
    if secrets := [rule.pointer for rule in learned.rules if rule.owner == "secret"]:
        found.append(f"Looks like secrets in plain text, which validate refuses: {shown(secrets)}.")
    if learned.contradictory:
        found.append(f"The evidence speaks for two owners, so there is no rule: {shown(learned.contradictory)}.")
    if silent := [pointer for pointer in learned.undecided if pointer not in learned.contradictory]:
        found.append(f"Different between environments and without a rule: {shown(silent)}.")
    return found


def doubts_about_versions(versions: VersionPointers) -> list[str]:
    """One sentence for all applications with the same places."""
    found: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, places in versions.unclear.items():
        found[places].append(name)
    return [
        f"The version of {shown(names)} may be at {shown(places)}; write the place into applications.NAME.version."
        for places, names in list(found.items())[:_SHOWN]
    ]


def shown(names: Sequence[str], limit: int = _SHOWN) -> str:
    """The first names; they come from the repository, so they may hold anything."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(printable(name) for name in names[:limit]) + more


def _about_order(layout: Layout) -> Iterator[str]:
    beside = side_by_side(layout.environments)
    for one, other in pairwise(layout.environments):
        if {one.name, other.name} <= {*beside}:
            continue
        if one.rank == other.rank or {one.rank, other.rank} == _UNUSUAL:
            yield f"The order of {one.name} and {other.name} is a guess."
    if beside:
        yield (
            f"{in_words(map(printable, beside))} are production by their names, and do not wait for each other; if one "
            "goes first, name it in policy.NAME.after of the others."
        )


def _about_files(layout: Layout) -> Iterator[str]:
    for one, other in layout.doubled:
        yield f"{one} and {other} name the same environment; only {one} is used."
    folders: dict[str, list[str]] = defaultdict(list)
    for application in layout.applications:
        first = next(iter(application.files[0].paths.values()))
        folders[posixpath.dirname(first)].append(application.name)
        for file in application.files if len(layout.applications) <= _SHOWN else ():
            lacking = [name for name in layout.order if name not in file.paths]
            of = f"{application.name} has no file" if not application.parts else f"{file.values} is not"
            if lacking:
                yield f"{of} in {', '.join(lacking)}; a promotion creates it."
    yield from _about_several(layout)
    partial = sum(any(len(file.paths) < len(layout.order) for file in each.files) for each in layout.applications)
    if partial and len(layout.applications) > _SHOWN:
        yield f"{partial} applications have no file in one or more environments; a promotion creates it."
    shared = {folder: names for folder, names in folders.items() if len(names) > 1}
    for folder, names in list(shared.items())[:_SHOWN]:
        yield (
            f"{folder or 'The root'} has several values files ({shown(names)}): "
            "each is an application of its own, promoted by itself; to promote them together, write a list into values."
        )


def _about_several(layout: Layout) -> Iterator[str]:
    """One sentence, however many there are."""
    several = [each for each in layout.applications if each.parts]
    apart = "if they are promoted apart, give each an entry in applications."
    if len(several) == 1:
        folder = posixpath.dirname(next(iter(several[0].files[0].paths.values()))) or "The root"
        yield f"{folder} has several values files, taken as one application {several[0].name}; {apart}"
    elif several:
        names = shown([each.name for each in several])
        yield f"Several values files are taken as one application in {len(several)} folders ({names}); {apart}"
