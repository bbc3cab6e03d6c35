"""Folders as git keeps them (gitformat-pack(5), "tree"): read, and made again with some files changed."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from liftgate.errors import Refused

FOLDER: Final = b"40000"
SUBMODULE: Final = b"160000"
_FILE: Final = b"100644"
_NOT_ALLOWED: Final = frozenset({b"", b".", b"..", b".git", b"git~1"})
"""No name of a file or folder, as git refuses them (`verify_path`)."""
_SHA1: Final = 40
"""Length of an id where git uses SHA-1."""


class Item(NamedTuple):
    mode: bytes
    id: str


Tree = dict[bytes, Item]
"""What a folder has, by name, in git's order."""


def read_tree(data: bytes, size: int) -> Tree:
    """`size` is the length of an id, in hexadecimal digits."""
    item = rb"(?s)([0-7]+) ([^\0]+)\0(.{%d})" % (size // 2)
    return {name: Item(mode, raw.hex()) for mode, name, raw in re.findall(item, data)}


class NewTrees:
    """Folders with other files: only those on the paths of the files are read and made."""

    def __init__(self, read: Callable[[str], Tree], size: int) -> None:
        """`read` gives the tree with an id; `size` is the length of an id, in hexadecimal digits."""
        self._read, self._hash = read, hashlib.sha1 if size == _SHA1 else hashlib.sha256
        self.made: dict[str, bytes] = {}
        """By id: what has to be written."""

    def changed(self, tree: str, files: Mapping[bytes, str]) -> str:
        """Id of the tree with the files: a blob's id by path; an empty one removes the file. Empty if nothing is left.

        A file takes the place of a folder, and a folder that of a file, as in git's index. Raises Refused for a path
        that git does not allow.
        """
        items, below = self._read(tree) if tree else {}, defaultdict[bytes, dict[bytes, str]](dict)
        for path, blob in files.items():
            name, slash, rest = path.partition(b"/")
            if name.lower() in _NOT_ALLOWED:
                raise Refused(f'"{path.decode(errors="replace")}" is no path that a commit can have')
            if slash:
                below[name][rest] = blob
            else:
                _set(items, name, blob, is_folder=False)
        for name, inner in below.items():
            before = items[name].id if name in items and items[name].mode == FOLDER else ""
            _set(items, name, self.changed(before, inner), is_folder=True)
        return self.add(items) if items else ""

    def add(self, items: Tree) -> str:
        """Id of the tree, which then is among those that have to be written."""
        ordered = sorted(items.items(), key=lambda each: each[0] + b"/" if each[1].mode == FOLDER else each[0])
        data = b"".join(b"%s %s\0%s" % (item.mode, name, bytes.fromhex(item.id)) for name, item in ordered)
        made = self._hash(b"tree %d\0%s" % (len(data), data), usedforsecurity=False).hexdigest()
        self.made[made] = data
        return made


def _set(items: Tree, name: bytes, found: str, *, is_folder: bool) -> None:
    """An empty id removes what is there, if it is of the same kind."""
    if found:
        items[name] = Item(FOLDER if is_folder else _FILE, found)
    elif name in items and (items[name].mode == FOLDER) == is_folder:
        del items[name]
