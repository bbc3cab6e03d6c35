"""The secret of a Prefect server of ours: made at its first start, read by its owner alone, found at the next.

Prefect has one for all its callers, `user:password`, and no people.
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


def how_to_sign_in(folder: Path) -> str:
    """For people; the secret itself stands in no message."""
    return f"Prefect's pages ask for a password: paste the one line of {path(folder)}"


def made(folder: Path) -> str:
    """The folder's secret, a new one if it has none. Raises Misconfigured for a file that holds none."""
    file = path(folder)
    if not file.exists():
        _make(folder)
    file.chmod(0o600)
    return read(folder)


def read(folder: Path) -> str:
    """Raises OSError where there is none to be read, Misconfigured for a file that holds none."""
    found = path(folder).read_text().strip()
    if not all(found.partition(":")):
        raise Misconfigured(f"{path(folder)} holds no user:password; remove it, and the next start makes another")
    return found


def _make(folder: Path) -> None:
    """Whole or not at all, also for two that start at once: the file that is linked first stays."""
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
