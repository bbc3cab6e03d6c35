"""Which characters names and paths may have: they are used in refs, files, commits and URLs."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Final

NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_SCP_FORM: Final = re.compile(r"[^/:\s]+:|\[[^/\s]+\]:")
_SHA: Final = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_PART: Final = re.compile(r"[A-Za-z0-9_.@+ -]{1,255}")
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+]*://(?:[^@/]*@)?(?P<host>[A-Za-z0-9.-]+)(?::\d+)?(?:/|$)")
_SHORT_ADDRESS: Final = re.compile(r"(?:[^@/:]*@)?(?P<host>[A-Za-z0-9.-]+):(?!//)")
"""As ssh takes it: `user@host:path`."""


def is_sha(text: str) -> bool:
    """Whether it is the whole id of a commit. Another expression of git may name another commit tomorrow."""
    return _SHA.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether the text can be the name of an application or environment."""
    return NAME.fullmatch(text) is not None


def release_name(version: str, release: str) -> str:
    """The version, or the start of the release's id; empty without both."""
    return version or release.removeprefix("sha256:")[:12]


def is_path(text: str) -> bool:
    """Whether the text is a plain path in a repository: no `..`, no control characters, nothing like an option."""
    parts = text.strip("/").split("/")
    return all(_PART.fullmatch(part) and part not in (".", "..", ".git") and part[0] != "-" for part in parts)


def host_of(url: str) -> str:
    """The host, in small letters, of an address that git clones; empty for a path."""
    found = _ADDRESS.match(url) or _SHORT_ADDRESS.match(url)
    return found["host"].lower() if found else ""


def repository_of(url: str) -> str:
    """`owner/name` from any form of a repository's URL."""
    return "/".join(url.rstrip("/").removesuffix(".git").replace(":", "/").split("/")[-2:])


def is_network(text: str) -> bool:
    """Whether the text is a network address, or a network of them, as in `10.0.0.0/8`."""
    try:
        ip_network(text.strip(), strict=False)
    except ValueError:
        return False
    return True


def is_ssh(url: str) -> bool:
    """Whether git reaches the repository by SSH: `ssh://…`, or `host:path`, where no slash stands before the colon."""
    scheme, _, rest = url.partition("://")
    return scheme in ("ssh", "git+ssh", "ssh+git") if rest else _SCP_FORM.match(url) is not None
