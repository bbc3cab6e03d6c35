"""New objects, stored as git itself stores them (gitrepository-layout(5)); a process of git takes ten times as long.

Whether they are here already is not asked before: to look for what is missing takes longer than to store it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from errno import ENOENT
from pathlib import Path
from typing import Final

from liftgate.errors import Unavailable
from liftgate.integrations.git.git_directory import git_directory
from liftgate.integrations.git.object_reader import Object
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.tree_writer import Format, changed_tree, with_head
from liftgate.integrations.git.trees import Read

_ELSEWHERE: Final = {"GIT_DIR", "GIT_OBJECT_DIRECTORY"}
"""Variables of the user's that say where git keeps objects."""
_TREE: Final = b"tree "
_TRIES: Final = 3


def tree_id(git: Git, read: Read, root: Object | None, files: Mapping[str, bytes | None]) -> str:
    """The id of the root with the files set (None: removed). Raises Refused for a path that no commit can have."""
    return changed_tree(read, root, files, _format(git, root))[0]


def stored_tree(git: Git, read: Read, root: Object | None, files: Mapping[str, bytes | None]) -> str:
    """The same, and all of it is stored."""
    of = _format(git, root)
    tree, stored = changed_tree(read, root, files, of)
    folder = _folder(git)
    for each in stored:
        _store(folder, each)
    return tree


def _format(git: Git, root: Object | None) -> Format:
    return Format(len(root.id) if root else _length_of_ids(git))


def stored_commit(git: Git, data: bytes) -> str:
    """Its SHA. Its first line names its tree."""
    made = Format(data.index(b"\n") - len(_TREE)).new("commit", data)
    _store(_folder(git), made)
    return made.id


def _length_of_ids(git: Git) -> int:
    place = git_directory(git.directory)
    with suppress(OSError):  # of which git says why
        if place and b"objectformat" not in (place / "config").read_bytes().lower():
            return 40
    return len(git("hash-object", "-t", "tree", "/dev/null"))


def _folder(git: Git) -> Path:
    place = None if _ELSEWHERE & os.environ.keys() else git_directory(git.directory)
    if place and not (place / "commondir").exists():
        return place / "objects"
    return Path(git("rev-parse", "--path-format=absolute", "--git-path", "objects"))


def _store(folder: Path, made: Object) -> None:
    """Whole or not at all. Raises Unavailable."""
    place = folder / made.id[:2] / made.id[2:]
    try:
        handle, begun = _begun(folder, place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(zlib.compress(with_head(made.kind, made.data), 1))
                os.fchmod(handle, 0o444)
            begun.replace(place)
        except BaseException:
            begun.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Unavailable(f"{folder} takes no new object: {error.strerror}") from None


def _begun(folder: Path, beside: Path) -> tuple[int, Path]:
    """A file under a name that git removes should this process be killed. Git also removes folders that are empty."""
    for _ in range(_TRIES):
        with suppress(FileNotFoundError):
            handle, name = tempfile.mkstemp(prefix="tmp_obj_", dir=beside)
            return handle, Path(name)
        beside.mkdir(exist_ok=True)
        shutil.copymode(folder, beside)  # others may share the repository
    raise FileNotFoundError(ENOENT, os.strerror(ENOENT))
