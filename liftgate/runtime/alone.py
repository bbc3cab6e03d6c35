"""A lock for one process at a time. The kernel releases it when its holder ends for any reason."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liftgate.errors import Unavailable


@contextmanager
def alone(file: Path, otherwise: str) -> Iterator[None]:
    """Raises Unavailable with the sentence `otherwise` while another process holds the lock."""
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(otherwise) from None
        yield
