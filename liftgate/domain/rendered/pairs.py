"""Pairs the objects of two renderings: by kind, namespace and name, and hashed names by their stem."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from liftgate.domain.argocd.manifest import Key, key_of, metadata
from liftgate.domain.common.canonical import canonical
from liftgate.domain.common.value import Json

_TRACKING: Final = "argocd.argoproj.io/tracking-id"


class Pair(NamedTuple):
    """Before and after; None if there is none."""

    key: Key
    one: Json
    other: Json


def pairs(now: Sequence[Json], proposed: Sequence[Json]) -> list[Pair]:
    """The objects that differ, sorted by name."""
    left, right = _by_key(now), _by_key(proposed)
    found: list[Pair] = []
    gone: dict[Key, list[Json]] = defaultdict(list)
    come: dict[Key, list[Json]] = defaultdict(list)
    for key in sorted({*left, *right}):
        one, other = _without_equal(left.get(key, []), right.get(key, []))
        both = min(len(one), len(other))
        found += [Pair(key, *each) for each in zip(one[:both], other[:both], strict=True)]
        gone[key.stem] += one[both:]
        come[key.stem] += other[both:]
    for stem, before_them in gone.items():
        for before, after in zip_longest(before_them, come[stem]):
            is_renamed = before is not None and after is not None
            found.append(Pair(stem if is_renamed else key_of(after or before), before, after))
    return sorted(found, key=lambda pair: (pair.key, canonical(pair[1:])))


def _by_key(manifests: Sequence[Json]) -> dict[Key, list[Json]]:
    found: dict[Key, list[Json]] = defaultdict(list)
    for manifest in manifests:
        found[key_of(manifest)].append(_untracked(manifest))
    return found


def _untracked(manifest: Json) -> Json:
    """The object without Argo CD's own label, which repeats the name."""
    notes = metadata(manifest).get("annotations") if isinstance(manifest, dict) else None
    if not isinstance(notes, dict) or _TRACKING not in notes:
        return manifest
    kept = {key: value for key, value in notes.items() if key != _TRACKING}
    about = {key: value for key, value in manifest["metadata"].items() if key != "annotations"}
    return manifest | {"metadata": about | ({"annotations": kept} if kept else {})}


def _without_equal(one: list[Json], other: list[Json]) -> tuple[list[Json], list[Json]]:
    """The rest after equal objects are removed in pairs, sorted."""
    common = Counter(map(canonical, one)) & Counter(map(canonical, other))
    return _without(one, Counter(common)), _without(other, Counter(common))


def _without(manifests: list[Json], equal: Counter[bytes]) -> list[Json]:
    left = []
    for text, manifest in sorted(((canonical(each), each) for each in manifests), key=lambda row: row[0]):
        equal[text] -= 1
        if equal[text] < 0:
            left.append(manifest)
    return left
