"""New blobs, trees and commits as git has them, and the trees that a change of files makes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from liftgate.domain.common.plain import printable
from liftgate.errors import Refused
from liftgate.integrations.git.object_reader import Object
from liftgate.integrations.git.trees import FOLDER, Read, TreeEntry, read_tree

_FILE: Final = 0o100644
_EXECUTABLE: Final = 0o100755
_HASHES: Final = {40: hashlib.sha1, 64: hashlib.sha256}
"""By the length of an id."""

Path = tuple[bytes, ...]
Stored = list[Object]
"""New objects; a tree comes after what is in it, so that one which is there is whole."""


class Format(NamedTuple):
    """`length` is that of the ids in the repository."""

    length: int

    def new(self, kind: str, data: bytes) -> Object:
        return Object(_HASHES[self.length](with_head(kind, data)).hexdigest(), kind, data)


def with_head(kind: str, data: bytes) -> bytes:
    """What git hashes and stores."""
    return b"%s %d\0%s" % (kind.encode(), len(data), data)


def names_of(path: str) -> Path:
    """Raises Refused for a path that no commit can have."""
    names = tuple(path.encode(errors="surrogateescape").split(b"/"))
    if any(name in (b"", b".", b"..") or name.lower() in (b".git", b"git~1") or b"\0" in name for name in names):
        raise Refused(f"git keeps no file at {printable(path)[:80]}")
    return names


def changed_tree(read: Read, root: Object | None, files: Mapping[str, bytes | None], of: Format) -> tuple[str, Stored]:
    """The id of the tree with the files set (None: removed), and all that must be stored for it."""
    wanted = _consistent({names_of(path): data for path, data in files.items()})
    folders = _opened(read, root, wanted)
    stored: Stored = []
    for names, data in wanted.items():
        folder, name = folders[names[:-1]], names[-1]
        if data is not None:
            stored.append(of.new("blob", data))
            folder[name] = TreeEntry(_FILE, name, stored[-1].id)
        elif name in folder and folder[name].mode != FOLDER:
            del folder[name]
    for names in sorted(folders, key=len, reverse=True):
        if folders[names] or not names:
            stored.append(of.new("tree", b"".join(_lines(folders[names].values()))))
        if names and folders[names]:
            folders[names[:-1]][names[-1]] = TreeEntry(FOLDER, names[-1], stored[-1].id)
        elif names and (there := folders[names[:-1]].get(names[-1])) and there.mode == FOLDER:
            del folders[names[:-1]][names[-1]]
    return stored[-1].id, stored


def _consistent(wanted: Mapping[Path, bytes | None]) -> dict[Path, bytes | None]:
    """Without what is removed below a path that becomes a file: that is gone with its folder."""
    files = {names for names, data in wanted.items() if data is not None}
    above = {names: {names[:depth] for depth in range(1, len(names))} for names in wanted}
    return {names: data for names, data in wanted.items() if data is not None or files.isdisjoint(above[names])}


def _opened(read: Read, root: Object | None, paths: Iterable[Path]) -> dict[Path, dict[bytes, TreeEntry]]:
    """By folder what is in it: of each folder above a path, also of one that is not there yet."""
    opened: dict[Path, dict[bytes, TreeEntry]] = {(): _entries(root) if root else {}}
    for names in paths:
        for depth in range(1, len(names)):
            folder = names[:depth]
            if folder not in opened:
                there = opened[folder[:-1]].get(folder[-1])
                opened[folder] = _entries(*read([there.id])) if there and there.mode == FOLDER else {}
    return opened


def _entries(tree: Object) -> dict[bytes, TreeEntry]:
    return {name: _usual(entry) for name, entry in read_tree(tree).items()}


def _usual(entry: TreeEntry) -> TreeEntry:
    """Git knows two modes of files; old tools wrote others."""
    if entry.mode >> 12 != _FILE >> 12:
        return entry
    return entry._replace(mode=_EXECUTABLE if entry.mode & 0o100 else _FILE)


def _lines(entries: Iterable[TreeEntry]) -> Iterator[bytes]:
    """In git's order, in which a folder's name ends with a slash."""
    for entry in sorted(entries, key=lambda each: each.name + b"/" * (each.mode == FOLDER)):
        yield b"%o %s\0%s" % (entry.mode, entry.name, bytes.fromhex(entry.id))
