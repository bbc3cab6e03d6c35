"""A folder for temporary files that is in memory, where the machine has room for it."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")  # noqa: S108  Linux' own; the folder in it is private
NEEDED: Final = 3 * 1024**3
"""Bytes. The whole suite leaves less than one GB there."""
_PREFIX: Final = "liftgate-"
_LOCK: Final = ".lock"
_MEMINFO: Final = Path("/proc/meminfo")
_ENDS_WITHIN: Final = 30
"""Seconds in which programs that the command started end, and write no more."""


@contextmanager
def temporary_folder(memory: Path = MEMORY) -> Iterator[dict[str, str]]:
    """Variables with which a program's temporary files are in memory; they are gone at the end. No variables where the
    machine has too little memory. What a killed process left there is removed."""
    if not (_has_room(memory) and _available() >= NEEDED * 2):
        yield {}
        return
    for left in memory.glob(f"{_PREFIX}*/{_LOCK}"):
        _remove_if_left(left)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=memory))
    with (folder / _LOCK).open("w") as lock:
        flock(lock, LOCK_EX)
        folder.chmod(0o711)  # Postgres is another user, who must be able to pass
        try:
            yield {"TMPDIR": str(folder)}
        finally:
            _remove(folder)


def _remove_if_left(lock: Path) -> None:
    try:
        with lock.open() as held:
            flock(held, LOCK_EX | LOCK_NB)
            _remove(lock.parent)
    except OSError:
        return  # in use, or another user's


def _remove(folder: Path) -> None:
    for _ in range(_ENDS_WITHIN):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(1.0)


def _has_room(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free >= NEEDED
    except OSError:
        return False


def _available() -> int:
    """Bytes of memory that programs can still have; 0 where the kernel does not say so."""
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB$", _MEMINFO.read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0
