"""Git's tree objects: the entries of one, and the files below a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from liftgate.integrations.git.object_reader import Object

FOLDER: Final = 0o40000
LINK: Final = 0o120000
SUBMODULE: Final = 0o160000

Read = Callable[[Sequence[str]], Iterator["Object"]]
"""The objects of these names in their order; raises for one that is not there."""


class TreeEntry(NamedTuple):
    mode: int
    name: bytes
    id: str


def tree_entries(tree: Object) -> Iterator[TreeEntry]:
    """As git-ls-tree(1) lists them; nothing for an object that is no tree."""
    if tree.kind == "tree":
        for mode, name, id_ in re.findall(rb"(?s)([0-7]+) ([^\0]+)\0(.{%d})" % (len(tree.id) // 2), tree.data):
            yield TreeEntry(int(mode, 8), name, id_.hex())


def files_below(read: Read, commit: str, folder: Sequence[bytes]) -> list[tuple[bytes, str]]:
    """(path, blob id) of each file and link below the folder (given by its names), in git's order.

    One call of `read` for each level of folders. `commit` may be the id of a tree.
    """
    (tree,) = read([f"{commit}^{{tree}}"])
    for name in folder:
        inner = [entry.id for entry in tree_entries(tree) if entry.name == name and entry.mode == FOLDER]
        if not inner:
            return []
        (tree,) = read(inner)
    files: list[tuple[bytes, str]] = []
    level = [(b"".join(name + b"/" for name in folder), tree)]
    while level:
        entries = [(above + entry.name, entry) for above, tree in level for entry in tree_entries(tree)]
        files += [(path, entry.id) for path, entry in entries if entry.mode not in (FOLDER, SUBMODULE)]
        inner_paths = [(path + b"/", entry.id) for path, entry in entries if entry.mode == FOLDER]
        trees = read([id_ for _, id_ in inner_paths])
        level = list(zip([path for path, _ in inner_paths], trees, strict=True))
    return sorted(files)
