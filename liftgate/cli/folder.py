"""A folder on this machine as a mapping of its files; new files can be added, existing ones never change."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from liftgate.domain.manifests.place import bare


class Files(Mapping[str, bytes]):
    """The files of a folder by path, read on first use, without hidden folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths = dict.fromkeys(sorted(_paths(folder)))

    def __getitem__(self, path: str) -> bytes:
        if path not in self._paths:
            raise KeyError(path)
        return (self._folder / path).read_bytes()

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def _paths(folder: Path) -> Iterator[str]:
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(at, name).relative_to(folder).as_posix() for name in names)


def put(path: Path, text: str) -> bool:
    """Write a new file; True if it was created. It never overwrites a file. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def origin(folder: Path) -> str:
    """The address of the repository's origin, without credentials; empty if it has none."""
    command = ["git", "-C", str(folder), "remote", "get-url", "origin"]
    try:
        return bare(subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip())
    except OSError:
        return ""
