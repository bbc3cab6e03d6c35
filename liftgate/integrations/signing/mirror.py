"""A mirror for a process without a token: it reads and writes objects; the holder of the keys fetches and pushes."""

from __future__ import annotations

from pathlib import Path

from liftgate.integrations.git.mirror import Mirror, Pushed
from liftgate.integrations.signing import KeyHolder


class HeldMirror(Mirror):
    """The folder is the holder's own mirror, so that both see the same objects."""

    def __init__(self, folder: Path, url: str, branch: str, holder: KeyHolder) -> None:
        super().__init__(folder, url, branch)
        self._holder = holder

    def fetch(self) -> str:
        return self._holder.fetch()

    def push(self, sha: str, ref: str, expected: str, needless: str = "") -> Pushed:
        return self._holder.push(sha, ref, expected, needless)

    def remove(self, ref: str) -> None:
        self._holder.remove(ref)
