"""Addresses that one process of the suite serves its small worlds at, one after the other, and how their repository
begins there: it names the addresses, so it is made once for each place and then copied."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

PORTS: Final = range(20_000, 32_000, 10)
"""The first of each place. The system gives out no port below 32768 by itself."""
_TAKEN_TURNS: Final = 4
"""Places of a process: what outlives its test for a moment finds nothing at its own one."""


@dataclass
class Place:
    first: int
    guard: socket.socket
    """Holds the place for this process."""
    _made: list[str] = field(default_factory=list)

    @property
    def ports(self) -> range:
        return range(self.first + 1, self.first + 10)

    @cached_property
    def _kept(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="liftgate-place-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def lay(self, name: str, folder: Path, *, shared: bool = False) -> bool:
        """Put what was kept by that name there, if anything was. Of a repository whose files are never written in place
        the objects may be `shared`."""
        if name not in self._made:
            return False
        shutil.copytree(self._kept / name, folder, copy_function=_linked if shared else shutil.copyfile)
        return True

    def keep(self, name: str, folder: Path) -> None:
        shutil.copytree(folder, self._kept / name)
        self._made.append(name)


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


def _linked(source: str, to: str) -> None:
    """Objects never change; git replaces any other file, and tests and the forge may write it."""
    if f"{os.sep}objects{os.sep}" in source:
        os.link(source, to)
    else:
        shutil.copy(source, to)
