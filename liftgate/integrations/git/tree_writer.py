"""New blobs and trees, made here and stored by one git process."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from liftgate.domain.common.plain import printable
from liftgate.errors import Refused
from liftgate.integrations.git.object_reader import Object
from liftgate.integrations.git.trees import FOLDER, Read, TreeEntry, tree_entries

_FILE: Final = 0o100644
_EXECUTABLE: Final = 0o100755
_KINDS: Final = {"tree": 2, "blob": 3}
"""Their numbers in a pack (gitformat-pack)."""
_HASHES: Final = {40: hashlib.sha1, 64: hashlib.sha256}
"""By the length of an id."""

Path = tuple[bytes, ...]
Stored = list[Object]
"""New objects; a tree comes after what is in it, so that one which is there is whole."""


class Format(NamedTuple):
    """`length` is that of the ids in the repository."""

    length: int

    def digest(self, data: bytes) -> bytes:
        return _HASHES[self.length](data).digest()

    def new(self, kind: str, data: bytes) -> Object:
        return Object(self.digest(b"%s %d\0%s" % (kind.encode(), len(data), data)).hex(), kind, data)


def names_of(path: str) -> Path:
    """Raises Refused for a path that no commit can have."""
    names = tuple(path.encode(errors="surrogateescape").split(b"/"))
    if any(name in (b"", b".", b"..") or name.lower() == b".git" or b"\0" in name for name in names):
        raise Refused(f"git keeps no file at {printable(path)[:80]}")
    return names


def changed_tree(read: Read, root: Object | None, files: Mapping[str, bytes | None], of: Format) -> tuple[str, Stored]:
    """The id of the tree with the files set (None: removed), and all that must be stored for it."""
    stored: Stored = []
    wanted: dict[Path, TreeEntry | None] = {}
    for path, data in files.items():
        names = names_of(path)
        wanted[names] = None
        if data is not None:
            stored.append(of.new("blob", data))
            wanted[names] = TreeEntry(_FILE, names[-1], stored[-1].id)
    tree = _changed(read, root, wanted, of, stored)
    return tree.id, stored


def _changed(
    read: Read, tree: Object | None, wanted: Mapping[Path, TreeEntry | None], of: Format, stored: Stored
) -> Object:
    entries = {entry.name: _usual(entry) for entry in tree_entries(tree)} if tree else {}
    below: dict[bytes, dict[Path, TreeEntry | None]] = {}
    for (name, *rest), entry in wanted.items():
        if rest:
            below.setdefault(name, {})[tuple(rest)] = entry
        elif entry:
            entries[name] = entry
        elif name in entries and entries[name].mode != FOLDER:
            del entries[name]
    for name, inner in below.items():
        there = entries.get(name)
        (old,) = read([there.id]) if there and there.mode == FOLDER else (None,)
        if old is None and not any(inner.values()):
            continue
        new = _changed(read, old, inner, of, stored)
        if new.data:
            entries[name] = TreeEntry(FOLDER, name, new.id)
        else:
            entries.pop(name, None)
    made = of.new("tree", b"".join(_lines(entries.values())))
    stored.append(made)
    return made


def _usual(entry: TreeEntry) -> TreeEntry:
    """Git knows two modes of files; old tools wrote others."""
    if entry.mode >> 12 != _FILE >> 12:
        return entry
    return entry._replace(mode=_EXECUTABLE if entry.mode & 0o100 else _FILE)


def _lines(entries: Iterable[TreeEntry]) -> Iterator[bytes]:
    """In git's order, in which a folder's name ends with a slash."""
    for entry in sorted(entries, key=lambda each: each.name + b"/" * (each.mode == FOLDER)):
        yield b"%o %s\0%s" % (entry.mode, entry.name, bytes.fromhex(entry.id))


def pack(objects: Stored, of: Format) -> bytes:
    """For git-unpack-objects(1)."""
    unlike = {each.id: each for each in objects}.values()
    head = b"PACK" + (2).to_bytes(4, "big") + len(unlike).to_bytes(4, "big")
    body = head + b"".join(_size(each) + zlib.compress(each.data, 1) for each in unlike)
    return body + of.digest(body)


def _size(of: Object) -> bytes:
    """Kind and size: four bits of it in the first byte, seven in each further one."""
    size = len(of.data)
    found, size = [_KINDS[of.kind] << 4 | size & 15], size >> 4
    while size:
        found[-1] |= 0x80
        found.append(size & 0x7F)
        size >>= 7
    return bytes(found)
