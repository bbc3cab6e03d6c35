"""What Git's index holds, as a tree: the files that the next commit would have. The index itself is not touched."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from liftgate.domain.json_text.strict import MAX_BYTES
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.repository import File, Repository

_AT_ONCE: Final = 64 * 1024 * 1024
"""Bytes of files that are read by one process."""


def staged_tree(folder: Path) -> tuple[Staged, str]:
    """The index of the work tree at the folder, as a repository to read from and the id of its tree.

    Raises Misconfigured outside of a work tree, Refused for an index with a merge conflict.
    """
    place = _git_directory(folder)
    variables = {"GIT_DIR": str(place), "GIT_WORK_TREE": str(folder)}
    repository = Staged(folder, variables)
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made) / "index"
        index = _index(place, folder)
        if index.exists():  # a new repository has none
            shutil.copyfile(index, copy)
        with_copy = {"GIT_INDEX_FILE": str(copy)}
        if unmerged := repository.git("ls-files", "--unmerged", "-z", extra=with_copy):
            path = unmerged.partition("\0")[0].partition("\t")[2]
            raise Refused(f"the index has a merge conflict in {path}; resolve it, then: git add {path}")
        return repository, repository.git("write-tree", "--missing-ok", extra=with_copy)


class Staged(Repository):
    """Reads many files by one process: the whole repository is read."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        super().__init__(folder, environment)
        self._listed: dict[str, dict[str, tuple[str, int]]] = {}
        self._data: dict[str, bytes] = {}

    def file(self, commit: str, path: str) -> File | None:
        self.check_plain_file(commit, path)
        blob, size = self._files(commit).get(path, ("", 0))
        if not blob:
            return None
        if blob not in self._data:
            self._load(commit, blob, size)
        return File(path=path, data=self._data[blob], blob=blob)

    def object_id(self, commit: str, path: str) -> str:
        blob, _ = self._files(commit).get(path, ("", 0))
        return blob or super().object_id(commit, path)

    def paths(self, commit: str, under: str) -> list[tuple[str, str]]:
        folder = f"{under}/" if under else ""
        return [(path, blob) for path, (blob, _) in self._files(commit).items() if path.startswith(folder)]

    def _files(self, commit: str) -> dict[str, tuple[str, int]]:
        """Blob and size of every file, by path."""
        if commit not in self._listed:
            listing = self._read("ls-tree", "-r", "-l", "-z", "--full-tree", commit).decode(errors="surrogateescape")
            rows = (row.partition("\t") for row in listing.split("\0") if row)
            found = ((path, meta.split()) for meta, _, path in rows)
            self._listed[commit] = {path: (meta[2], int(meta[3])) for path, meta in found if meta[1] == "blob"}
        return self._listed[commit]

    def _load(self, commit: str, blob: str, size: int) -> None:
        """The file, and other JSON files with it."""
        wanted, total = {blob: None}, size
        for path, (other, length) in self._files(commit).items():
            if path.endswith(".json") and length <= MAX_BYTES and other not in self._data:
                total += length
                if total > _AT_ONCE:
                    break
                wanted[other] = None
        self._data |= dict(zip(wanted, self.blobs(wanted), strict=True))


def _git_directory(folder: Path) -> Path:
    """Also of a work tree that `git worktree add` made, and of a submodule: there `.git` is a file."""
    place = folder / ".git"
    if place.is_file():
        return (folder / place.read_text().removeprefix("gitdir:").strip()).resolve()
    if not place.is_dir():
        raise Misconfigured(f"{folder} is not the top folder of a Git work tree, so nothing is staged there")
    return place.resolve()


def _index(place: Path, folder: Path) -> Path:
    """While git runs a hook it may use another index (`git commit -a`), which it names."""
    hook = (folder / os.environ.get("GIT_INDEX_FILE", "")).resolve()
    return hook if hook.parent == place else place / "index"
