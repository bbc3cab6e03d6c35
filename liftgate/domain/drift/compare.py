"""Compares live objects with the last synced state and with Git: which fields changed in the cluster.

The result has names of fields and never a value, because a value may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from liftgate.domain.argocd import manifest
from liftgate.domain.argocd.hooks import HOOK
from liftgate.domain.common.value import Json, Value
from liftgate.domain.drift.drift import Changed, Compared

_SHOWN = 20
_FIELD = 120
_NOISE = frozenset({"status", "metadata.managedFields", "metadata.generation", "metadata.resourceVersion"})
_CPU = re.compile(r"\d+m")


class _Nothing:
    """A missing field; null is a value."""


_NOTHING: Final = _Nothing()


class Managed(Value):
    """One object of an Argo CD Application; None if it does not exist."""

    object: str
    """`Kind/name`."""
    key: str
    """Group, kind and name, which also identify the object in `last`."""
    live: Json = None
    predicted: Json = None
    """The live object as a sync would leave it now."""
    target: Json = None
    """The object in Git now."""
    hook: bool = False


class _Field(NamedTuple):
    path: tuple[str, ...]
    live: object
    predicted: object


def key_of(found: Json) -> str:
    """`group/Kind/name`: an Argo CD Application rarely has two of these in two namespaces."""
    key = manifest.key_of(found)
    return f"{key.group}/{key.kind}/{key.name}"


def compare_drift(managed: Sequence[Managed], last: Sequence[Json] | None) -> Compared:
    """`last` are the manifests of the last synced commit; None: Git has not changed since, so the cluster has."""
    objects = [item for item in managed if not item.hook and not _is_hook(item.target)]
    if last is None:
        return Compared(cluster=tuple(changed for item in objects if (changed := _only_cluster(item))))
    then = {key_of(each): each for each in last if not _is_hook(each)}
    told = [_either(item, then.get(item.key)) for item in objects]
    git = tuple(item.object for item, (_, moved) in zip(objects, told, strict=True) if moved)
    return Compared(cluster=tuple(changed for changed, _ in told if changed), git=git)


def _only_cluster(item: Managed) -> Changed | None:
    if item.target is None:
        return None
    if item.live is None:
        return Changed(object=item.object, gone=True)
    return _changed(item, [field.path for field in _fields(item.live, item.predicted, ())])


def _either(item: Managed, before: Json) -> tuple[Changed | None, bool]:
    """The fields that were changed in the cluster, and whether Git has changed the object since."""
    if before is None or item.target is None:
        return None, before is not None or item.target is not None
    if item.live is None:
        return Changed(object=item.object, gone=True), False
    fields = list(_fields(item.live, item.predicted, ()))
    declared = [_at(before, field.path) for field in fields]
    changed_in_cluster = [
        field.path
        for field, value in zip(fields, declared, strict=True)
        if value is not _NOTHING and not _holds(value, field.live) and not _is_hidden(item, field.path)
    ]
    by_git = any(_is_gits(value, field.predicted) for field, value in zip(fields, declared, strict=True))
    return _changed(item, changed_in_cluster), by_git


def _is_gits(declared: object, predicted: object) -> bool:
    return predicted is not _NOTHING if declared is _NOTHING else not _holds(declared, predicted)


def _changed(item: Managed, paths: Sequence[tuple[str, ...]]) -> Changed | None:
    names = tuple(".".join(path)[:_FIELD] for path in paths[:_SHOWN])
    return Changed(object=item.object, fields=names) if names else None


def _fields(live: object, predicted: object, path: tuple[str, ...]) -> Iterator[_Field]:
    """The fields that differ, as deep as both have the same shape."""
    if live == predicted or ".".join(path) in _NOISE or path[-1:] == (manifest.LAST_APPLIED,):
        return
    if isinstance(live, dict) and isinstance(predicted, dict):
        for name in sorted({*live, *predicted}):
            yield from _fields(live.get(name, _NOTHING), predicted.get(name, _NOTHING), (*path, str(name)))
    elif isinstance(live, list) and isinstance(predicted, list) and len(live) == len(predicted):
        for number, (mine, other) in enumerate(zip(live, predicted, strict=True)):
            yield from _fields(mine, other, (*path, str(number)))
    else:
        yield _Field(path, live, predicted)


def _at(there: object, path: Sequence[str]) -> object:
    for name in path:
        if isinstance(there, dict):
            there = there.get(name, _NOTHING)
        elif isinstance(there, list) and name.isdigit() and int(name) < len(there):
            there = there[int(name)]
        else:
            return _NOTHING
    return there


def _holds(declared: object, there: object) -> bool:
    """Whether every declared field is there; fields that the API server adds are not changes."""
    if isinstance(declared, dict) and isinstance(there, dict):
        return all(_holds(value, there.get(name, _NOTHING)) for name, value in declared.items())
    if isinstance(declared, list) and isinstance(there, list):
        return len(declared) == len(there) and all(map(_holds, declared, there))
    return (type(declared) is type(there) and declared == there) or _plain(declared) == _plain(there)


def _plain(value: object) -> object:
    """Equal as quantities: the API server writes `1000m` as `1`."""
    if isinstance(value, str) and _CPU.fullmatch(value):
        return str(float(value[:-1]) / 1000).removesuffix(".0")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _is_hidden(item: Managed, path: Sequence[str]) -> bool:
    """Argo CD shows a Secret's values as stars, so those of two answers cannot be compared."""
    return item.object.startswith("Secret/") and path[:1] in (("data",), ("stringData",))


def _is_hook(found: Json) -> bool:
    return isinstance(found, dict) and HOOK in (manifest.metadata(found).get("annotations") or {})
