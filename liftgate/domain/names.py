"""What names and paths may be made of: they end up in refs, files, commits and addresses."""

from __future__ import annotations

import re
from typing import Final

NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_PART: Final = re.compile(r"[A-Za-z0-9_.@+ -]{1,255}")


def is_name(text: str) -> bool:
    """Whether it can be an application's or environment's name."""
    return NAME.fullmatch(text) is not None


def is_path(text: str) -> bool:
    """Whether it is a plain path within a repository: no `..`, no control characters, nothing like an option."""
    parts = text.strip("/").split("/")
    return all(_PART.fullmatch(part) and part not in (".", "..", ".git") and part[0] != "-" for part in parts)


def repository_of(url: str) -> str:
    """`owner/name` of any spelling of a repository's address."""
    return "/".join(url.rstrip("/").removesuffix(".git").replace(":", "/").split("/")[-2:])
