"""The refs of a bare repository, read from git's own files: no process for each look."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

_SHA = re.compile(r"[0-9a-f]{40}")


class Refs(NamedTuple):
    """`head` is the default branch's full name, also when that is not there; `all` is SHA by name, in git's order."""

    head: str
    all: dict[str, str]


def read_refs(folder: Path) -> Refs | None:
    """None where only git can say what they are: a detached HEAD, a symbolic ref, a file that is no ref."""
    head = _text(folder / "HEAD").partition("ref: ")[2]
    found = _loose(folder)  # before the packed ones, as git does: a ref is never in neither
    lines = (line.split(" ", 1) for line in _text(folder / "packed-refs").split("\n") if line and line[0] not in "#^")
    found = {name: sha for sha, name in lines} | found
    if not head or not all(_SHA.fullmatch(sha) for sha in found.values()):
        return None
    return Refs(head, dict(sorted(found.items(), key=lambda item: item[0].encode())))


def _loose(folder: Path) -> dict[str, str]:
    names = (Path(where, name) for where, _, files in os.walk(folder / "refs") for name in files)
    read = ((path, _text(path)) for path in names if path.suffix != ".lock")
    return {path.relative_to(folder).as_posix(): sha for path, sha in read if sha}


def _text(path: Path) -> str:
    """Empty where it is not there, or no more."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""
