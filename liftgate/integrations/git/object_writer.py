"""New objects, stored by one git process each time; what is here already needs none."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.integrations.git.object_reader import Object, ObjectReader
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.tree_writer import Format, changed_tree, pack
from liftgate.integrations.git.trees import Read


class ObjectWriter:
    def __init__(self, git: Git, reader: ObjectReader) -> None:
        self._git, self._reader = git, reader

    def tree(self, read: Read, root: Object | None, files: Mapping[str, bytes | None]) -> str:
        """The id of the root with the files set (None: removed). Raises Refused for a path that no commit can have."""
        of = Format(len(root.id) if root else len(self._git("hash-object", "-t", "tree", "/dev/null")))
        tree, stored = changed_tree(read, root, files, of)
        if missing := [each for each in stored if not self._reader.id(each.id)]:
            self._git("unpack-objects", "-q", stdin=pack(missing, of))
        return tree

    def commit(self, data: bytes, of: Format) -> str:
        """Its SHA."""
        sha = of.new("commit", data).id
        return self._reader.id(sha) or self._git("hash-object", "-t", "commit", "-w", "--stdin", stdin=data)
