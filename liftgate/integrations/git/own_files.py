"""Which files are one application's own in one environment, and whether a later commit left them alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress

from liftgate.errors import LiftgateError
from liftgate.integrations.git.config_snapshot import ConfigSnapshot


def is_unchanged(ours: ConfigSnapshot, later: ConfigSnapshot, paths: Collection[str]) -> bool:
    """Whether the files are those of our commit; `paths` are the values files.

    By the files alone: other applications that have theirs in the same folder, or get some later, change nothing here.
    """
    folder = _folder(ours, paths)
    if ours.repository.object_id(later.commit, folder) == ours.repository.object_id(ours.commit, folder):
        return True
    others = {place for tree in (ours, later) for place in _others(tree, paths)}
    return _files(ours, folder, others) == _files(later, folder, others)


def _folder(tree: ConfigSnapshot, paths: Collection[str]) -> str:
    own = (folder for folder, files in tree.places if not {*paths}.isdisjoint(files))
    return next(own, next(iter(paths), "").rpartition("/")[0])


def _files(tree: ConfigSnapshot, folder: str, others: set[str]) -> list[tuple[str, str]]:
    """(path, blob id) of what is below the folder and belongs to no other application."""
    return [
        (path, blob) for path, blob in tree.repository.paths(tree.commit, folder) if others.isdisjoint(_above(path))
    ]


def _above(path: str) -> Iterator[str]:
    """The file, and every folder it is in."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _others(tree: ConfigSnapshot, ours: Collection[str]) -> Iterator[str]:
    """The folder of every other application; where that is one that ours are in too, its values files."""
    above = {folder for path in ours for folder in _above(path)}
    with suppress(LiftgateError):
        for folder, files in tree.places:
            if {*ours}.isdisjoint(files):
                yield from files if folder in above else (folder,)
