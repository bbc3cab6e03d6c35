"""Git's tree objects: the entries of one, and the files below a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from liftgate.integrations.git.object_reader import Object

FOLDER: Final = 0o40000
LINK: Final = 0o120000
SUBMODULE: Final = 0o160000
ODD: Final = {LINK: "a symbolic link", SUBMODULE: "a submodule"}
"""What is no file for us, by its mode in a tree."""
_FEW: Final = 64
"""Folders that are read one by one; more are listed quicker by a process of git's."""

Read = Callable[[Sequence[str]], Iterator["Object"]]
"""The objects of these names in their order; raises for one that is not there."""


class TreeEntry(NamedTuple):
    mode: int
    name: bytes
    id: str


Tree = dict[bytes, TreeEntry]
"""What a folder has, by name, in git's order."""


def not_plain(path: str, part: str, kind: str) -> str:
    """`part` is the path itself or a folder above it."""
    where = path if part == path else f"{path}: {part}"
    return f"{where} is {kind}, and Liftgate reads plain files only: commit the file itself in its place"


def raw_entries(tree: Object) -> list[tuple[bytes, bytes, bytes]]:
    """Mode, name and id of each entry as the object has them; nothing for an object that is no tree."""
    if tree.kind != "tree":
        return []
    return re.findall(rb"(?s)([0-7]+) ([^\0]+)\0(.{%d})" % (len(tree.id) // 2), tree.data)


def read_tree(tree: Object) -> Tree:
    """As git-ls-tree(1) lists it."""
    return {name: TreeEntry(int(mode, 8), name, id_.hex()) for mode, name, id_ in raw_entries(tree)}


def entry_of(tree: Object, name: bytes) -> TreeEntry | None:
    """One entry of a folder that may have many."""
    found = (TreeEntry(int(mode, 8), each, id_.hex()) for mode, each, id_ in raw_entries(tree) if each == name)
    return next(found, None)


def files_below(read: Read, commit: str, folder: str) -> list[tuple[str, str]] | None:
    """(path, blob id) of each file and link below the folder, in git's order; None for many folders.

    One call of `read` for each level of folders. `commit` may be the id of a tree.
    """
    names = tuple(name.encode(errors="surrogateescape") for name in PurePosixPath(folder).parts)
    (tree,) = read([f"{commit}^{{tree}}"])
    for name in names:
        inner = entry_of(tree, name)
        if inner is None or inner.mode != FOLDER:
            return []
        (tree,) = read([inner.id])
    files: list[tuple[bytes, str]] = []
    level, left = [(b"".join(name + b"/" for name in names), tree)], _FEW
    while level:
        entries = [(above + entry.name, entry) for above, tree in level for entry in read_tree(tree).values()]
        files += [(path, entry.id) for path, entry in entries if entry.mode not in (FOLDER, SUBMODULE)]
        folders = [(path + b"/", entry.id) for path, entry in entries if entry.mode == FOLDER]
        left -= len(folders)
        if left < 0:
            return None
        level = list(zip([path for path, _ in folders], read([id_ for _, id_ in folders]), strict=True))
    return [(path.decode(errors="surrogateescape"), blob) for path, blob in sorted(files)]


def listed_files(out: bytes) -> list[tuple[str, str]]:
    """The same, of what `git ls-tree -r -z` printed."""
    rows = (row.partition("\t") for row in out.decode(errors="surrogateescape").split("\0") if row)
    return [(path, meta.split()[2]) for meta, _, path in rows if meta.split()[1] == "blob"]


def by_step(out: bytes) -> list[bytes]:
    """What `git diff-tree --stdin -z` printed, cut before each commit's id; entries begin with a colon."""
    steps: list[bytes] = []
    fields = iter(out.split(b"\0")[:-1])
    for field in fields:
        if field.startswith(b":"):
            steps[-1] += field + b"\0" + next(fields) + b"\0"
        else:
            steps.append(b"")
    return steps
