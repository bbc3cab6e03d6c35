"""A mirror's folder on the disk: whole or not, what killed processes left in it, and how another takes its place."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from liftgate.integrations.git.process import Git

ALONE: Final = 3600.0
"""Seconds after which a half-written pack belongs to no process, and a mirror may be made again once more."""
_SUSPECT: Final = "liftgate-suspect"
_MADE_AGAIN: Final = "liftgate-made-again"
_NEW, _OLD = ".new", ".old"


def only(directory: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Git in this very directory: where there is no repository, git would take one from the folders above."""
    return {**environment, "GIT_DIR": str(directory)}


def none(directory: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Git in a directory below no repository, whatever is above."""
    return {**environment, "GIT_CEILING_DIRECTORIES": str(directory.parent)}


def is_whole(directory: Path) -> bool:
    """Whether git takes it for a repository with a remote."""
    try:
        has_head = (directory / "HEAD").read_bytes().startswith(b"ref: refs/")
        has_remote = b"url = " in (directory / "config").read_bytes()
    except OSError:
        return False
    return has_head and has_remote and (directory / "objects").is_dir() and (directory / "refs").is_dir()


def beside(directory: Path) -> Path:
    """An empty folder for a new mirror; what an earlier try left is removed."""
    made = directory.with_suffix(_NEW)
    for left in (made, directory.with_suffix(_OLD)):
        shutil.rmtree(left, ignore_errors=True)
    made.mkdir()
    return made


def swap(made: Path, directory: Path) -> None:
    """The new mirror takes the place; the old one is removed."""
    old = directory.with_suffix(_OLD)
    with suppress(FileNotFoundError):
        directory.rename(old)
    made.rename(directory)
    shutil.rmtree(old, ignore_errors=True)


def remove_locks(directory: Path) -> bool:
    """Whether there were lock files of git's: only for who holds the lock of all who write refs here."""
    found = list(_locks(directory))
    for path in found:
        path.unlink(missing_ok=True)
    return bool(found)


def remove_leftovers(directory: Path) -> None:
    """Half-written packs of killed processes: with every one the disk gets fuller."""
    for path in (directory / "objects" / "pack").glob("tmp_*"):
        with suppress(FileNotFoundError):
            if _age(path) > ALONE:
                path.unlink()


def doubt(directory: Path) -> None:
    """Something could not be read: the next fetch looks whether the mirror is damaged."""
    with suppress(OSError):
        (directory / _SUSPECT).touch()


def is_damaged(directory: Path, git: Git, alive: Callable[[], None]) -> bool:
    """By git's own check, when there was a doubt. It also finds garbage that others committed, which a new mirror
    has again: so one that was made again is left alone for a while."""
    if not (directory / _SUSPECT).exists():
        return False
    bad = git.run("fsck", "--no-dangling", "--progress", alive=alive).status != 0
    if bad and not _was_made_again(directory):
        return True
    (directory / _SUSPECT).unlink(missing_ok=True)
    return False


def note_made_again(directory: Path) -> None:
    (directory / _MADE_AGAIN).touch()


def _was_made_again(directory: Path) -> bool:
    try:
        return _age(directory / _MADE_AGAIN) < ALONE
    except FileNotFoundError:
        return False


def _locks(directory: Path) -> Iterator[Path]:
    yield from directory.glob("*.lock")
    yield from (directory / "refs").rglob("*.lock")


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
