"""One at a time: a lock that the kernel takes back when its holder ends, however that ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liftgate.errors import Unavailable


@contextmanager
def alone(file: Path, otherwise: str) -> Iterator[None]:
    """Raises Unavailable with the sentence `otherwise` while another process holds the file."""
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(otherwise) from None
        yield
