"""The secret of our Prefect server: created at its first start, readable only by its owner, reused at later starts.

Prefect has no users, only one secret, `user:password`, for all clients.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from liftgate.errors import Misconfigured

FILE = "prefect-secret"
USER = "liftgate"


def path(folder: Path) -> Path:
    return folder / FILE


def where_needed(folder: Path) -> str:
    """A sentence for people. No message contains the secret itself."""
    return f"programs that call Prefect itself, and its own pages, need the secret in {path(folder)}"


def made(folder: Path) -> str:
    """The folder's secret; creates one if there is none. Raises Misconfigured for a file without a secret."""
    file = path(folder)
    if not file.exists():
        _make(folder)
    file.chmod(0o600)
    return read_secret(folder)


def read_secret(folder: Path) -> str:
    """Raises OSError if it cannot read the file, Misconfigured for a file without a secret."""
    found = path(folder).read_text().strip()
    if not all(found.partition(":")):
        raise Misconfigured(f"{path(folder)} has no user:password; remove it, and the next start creates a new one")
    return found


def _make(folder: Path) -> None:
    """Write the file completely or not at all. If two processes start at once, the file that is linked first stays."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{FILE}.{secrets.token_hex(4)}"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{USER}:{secrets.token_urlsafe(24)}\n")
        path(folder).hardlink_to(unfinished)
    except FileExistsError:
        return
    finally:
        unfinished.unlink()
