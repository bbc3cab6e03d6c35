"""New blobs, trees and commits as git has them, and the trees that a change of files makes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from liftgate.domain.common.plain import printable
from liftgate.errors import Refused
from liftgate.integrations.git.object_reader import Object
from liftgate.integrations.git.trees import Read, raw_entries

_FOLDER: Final = b"40000"
_FILE: Final = b"100644"
_EXECUTABLE: Final = b"100755"
_AS_THEY_ARE: Final = frozenset((_FOLDER, _FILE, _EXECUTABLE, b"120000", b"160000"))
"""Links and submodules among them."""
_HASHES: Final = {40: hashlib.sha1, 64: hashlib.sha256}
"""By the length of an id."""

Path = tuple[bytes, ...]
Stored = list[Object]
"""New objects; a tree comes after what is in it, so that one which is there is whole."""


class _Entry(NamedTuple):
    """As the tree has it: of a folder with a thousand entries all but one are copied."""

    mode: bytes
    id: bytes


_Folder = dict[bytes, _Entry]
"""By name."""


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
            folder[name] = _Entry(_FILE, bytes.fromhex(stored[-1].id))
        elif name in folder and folder[name].mode != _FOLDER:
            del folder[name]
    for names in sorted(folders, key=len, reverse=True):
        if folders[names] or not names:
            stored.append(of.new("tree", _content(folders[names])))
        if names and folders[names]:
            folders[names[:-1]][names[-1]] = _Entry(_FOLDER, bytes.fromhex(stored[-1].id))
        elif names and (there := folders[names[:-1]].get(names[-1])) and there.mode == _FOLDER:
            del folders[names[:-1]][names[-1]]
    return stored[-1].id, stored


def _consistent(wanted: Mapping[Path, bytes | None]) -> dict[Path, bytes | None]:
    """Without what is removed below a path that becomes a file: that is gone with its folder."""
    files = {names for names, data in wanted.items() if data is not None}
    above = {names: {names[:depth] for depth in range(1, len(names))} for names in wanted}
    return {names: data for names, data in wanted.items() if data is not None or files.isdisjoint(above[names])}


def _opened(read: Read, root: Object | None, paths: Iterable[Path]) -> dict[Path, _Folder]:
    """By folder what is in it: of each folder above a path, also of one that is not there yet."""
    opened: dict[Path, _Folder] = {(): _entries(root) if root else {}}
    for names in paths:
        for depth in range(1, len(names)):
            folder = names[:depth]
            if folder not in opened:
                there = opened[folder[:-1]].get(folder[-1])
                opened[folder] = _entries(*read([there.id.hex()])) if there and there.mode == _FOLDER else {}
    return opened


def _entries(tree: Object) -> _Folder:
    rows = raw_entries(tree)
    modes = {mode: _usual(mode) for mode in {mode for mode, *_ in rows}}
    return {name: _Entry(modes[mode], id_) for mode, name, id_ in rows}


def _usual(mode: bytes) -> bytes:
    """Git knows two modes of files; old tools wrote others, and zeros before that of a folder."""
    if mode in _AS_THEY_ARE:
        return mode
    number = int(mode, 8)
    if number >> 12 != int(_FILE, 8) >> 12:
        return b"%o" % number
    return _EXECUTABLE if number & 0o100 else _FILE


def _content(folder: _Folder) -> bytes:
    """In git's order, in which a folder's name ends with a slash."""
    rows = [(name + b"/" if mode == _FOLDER else name, mode, name, id_) for name, (mode, id_) in folder.items()]
    return b"".join([b"%s %s\0%s" % row[1:] for row in sorted(rows)])
