"""Addresses that one process of the suite serves its small worlds at, one after the other, and how their repository
begins there: it names the addresses, so it is made once for each place and then copied."""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

PORTS: Final = range(20_000, 32_000, 10)
"""The first of each place. The system gives out no port below 32768 by itself."""
_TAKEN_TURNS: Final = 4
"""Places of a process: what outlives its test for a moment finds nothing at its own one."""


class Copy(NamedTuple):
    """Of a folder: its folders, parents first, and its files with their modes."""

    folders: list[str]
    files: dict[str, tuple[int, bytes]]

    @classmethod
    def of(cls, folder: Path) -> Copy:
        below = sorted(folder.rglob("*"))
        names = {path: str(path.relative_to(folder)) for path in below}
        files = {names[path]: (path.stat().st_mode & 0o777, path.read_bytes()) for path in below if path.is_file()}
        return cls([names[path] for path in below if path.is_dir()], files)

    def lay(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for name in self.folders:
            os.mkdir(f"{folder}/{name}")  # noqa: PTH102 - a Path for each takes longer
        for name, (mode, data) in self.files.items():
            with os.fdopen(os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(data)


@dataclass
class Place:
    first: int
    guard: socket.socket
    """Holds the place for this process."""
    _kept: dict[str, Copy] = field(default_factory=dict)

    @property
    def ports(self) -> range:
        return range(self.first + 1, self.first + 10)

    def lay(self, name: str, folder: Path) -> bool:
        """Put what was kept by that name there, if anything was."""
        if found := self._kept.get(name):
            found.lay(folder)
        return found is not None

    def keep(self, name: str, folder: Path) -> None:
        self._kept[name] = Copy.of(folder)


_PLACES: Final[deque[Place]] = deque()


@contextmanager
def place() -> Iterator[Place]:
    """One that no other world of this machine has now."""
    here = _PLACES.popleft() if len(_PLACES) >= _TAKEN_TURNS else _found()
    try:
        yield here
    finally:
        _PLACES.append(here)


def _found() -> Place:
    begin = os.getpid() * 37
    for number in range(len(PORTS)):
        first = PORTS[(begin + number) % len(PORTS)]
        guard = socket.socket()
        with suppress(OSError):
            guard.bind(("127.0.0.1", first))
            return Place(first, guard)
        guard.close()
    raise AssertionError("every place is taken")
