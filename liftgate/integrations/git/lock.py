"""A lock over all processes of this machine, held as long as the holder and the programs it started live."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from liftgate.errors import Unavailable
from liftgate.integrations.time_limit import pause

WITHIN: Final = 180.0
"""Seconds to wait for a holder that gives no sign of life; more than one git command may be silent."""
_PAUSE: Final = 0.02


@contextmanager
def in_turn(path: Path, within: float) -> Iterator[None]:
    """One process after the other, for what is safe without it: it only saves those that would lose a race the work of
    another try. After `within` seconds without progress of the holder, or where the file cannot be opened, one goes on
    without."""
    with ExitStack() as stack:
        with suppress(Unavailable, OSError):
            stack.enter_context(Lock(path, within))
        yield


class Lock:
    """The file's time of change is the holder's last sign of life."""

    def __init__(self, path: Path, within: float = WITHIN) -> None:
        self._path, self._within = path, within

    def __enter__(self) -> Self:
        """Raises Unavailable when the holder makes no progress."""
        self._file = self._path.open("a")
        try:
            self._wait()
        except BaseException:
            self._file.close()
            raise
        self.touch()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def fileno(self) -> int:
        """Programs that inherit it hold the lock as well."""
        return self._file.fileno()

    def touch(self) -> None:
        """Tell those who wait that there is progress."""
        os.utime(self.fileno())

    def _wait(self) -> None:
        seen, end = 0, 0.0
        while not self._is_taken():
            sign = os.fstat(self.fileno()).st_mtime_ns
            if sign != seen:
                seen, end = sign, time.monotonic() + self._within
            elif time.monotonic() > end:
                raise Unavailable(f"another process holds {self._path} and made no progress for {self._within:g} s")
            pause(_PAUSE, Unavailable(f"another process holds {self._path}"))

    def _is_taken(self) -> bool:
        try:
            fcntl.flock(self.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
