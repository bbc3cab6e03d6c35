"""New objects, stored by one git process each time.

Whether they are here already is not asked before: what git does not find it looks for in all packs once more, which
takes longer than to store it.
"""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.integrations.git.object_reader import Object
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.tree_writer import Format, changed_tree, pack
from liftgate.integrations.git.trees import Read


def tree_id(git: Git, read: Read, root: Object | None, files: Mapping[str, bytes | None]) -> str:
    """The id of the root with the files set (None: removed). Raises Refused for a path that no commit can have."""
    return changed_tree(read, root, files, _format(git, root))[0]


def stored_tree(git: Git, read: Read, root: Object | None, files: Mapping[str, bytes | None]) -> str:
    """The same, and all of it is stored."""
    of = _format(git, root)
    tree, stored = changed_tree(read, root, files, of)
    git("unpack-objects", "-q", stdin=pack(stored, of))
    return tree


def _format(git: Git, root: Object | None) -> Format:
    return Format(len(root.id) if root else len(git("hash-object", "-t", "tree", "/dev/null")))


def stored_commit(git: Git, data: bytes) -> str:
    """Its SHA."""
    return git("hash-object", "-t", "commit", "-w", "--stdin", stdin=data)
