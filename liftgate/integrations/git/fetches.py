"""Which fetches of a mirror began and ended, told to all processes of this host by a file in it.

A fetch that begins after a process asked for one brings what that process needs: those who wait for the lock at the
same time need one fetch, not one each.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

_PART: Final = ".part"


class _Numbers(NamedTuple):
    begun: int = 0
    """The newest fetch that began."""
    ended: int = 0
    """The newest that ended well."""


_NONE: Final = _Numbers()


class Fetches:
    """Numbered in the order in which they begin. Who begins one holds the mirror's lock."""

    def __init__(self, mirror: Path, branch: str) -> None:
        """In the mirror: another one that takes its place knows of none."""
        self._path = mirror / f"liftgate-fetches-{hashlib.sha256(branch.encode()).hexdigest()[:16]}"

    def begun(self) -> int:
        """The newest fetch that began: to be read before one waits for the lock. Where it cannot be read now, no other
        fetch is late enough."""
        return self._read(unknown=_Numbers(begun=sys.maxsize)).begun

    def has_ended_since(self, begun: int) -> bool:
        """Whether a later one has ended well."""
        return self._read().ended > begun

    @contextmanager
    def one(self) -> Iterator[None]:
        """A fetch, which has ended well unless it raises. A file that was removed or damaged meanwhile says that none
        has."""
        before = self._read()
        mine = before.begun + 1
        self._write(before._replace(begun=mine))
        yield
        if self._read().begun == mine:
            self._write(_Numbers(mine, mine))

    def _read(self, unknown: _Numbers = _NONE) -> _Numbers:
        try:
            begun, ended = map(int, self._path.read_text(encoding="ascii").split())
        except (FileNotFoundError, ValueError):  # the next fetch begins anew
            return _NONE
        except OSError:
            return unknown
        return _Numbers(begun, ended)

    def _write(self, numbers: _Numbers) -> None:
        """As a whole, as it is read without the lock. Without it, each process fetches for itself."""
        made = self._path.with_suffix(_PART)
        with suppress(OSError):
            made.write_text(f"{numbers.begun} {numbers.ended}\n", encoding="ascii")
            made.replace(self._path)
