"""A mirror for a process without a token: it reads and writes objects; the holder of the keys fetches and pushes."""

from __future__ import annotations

from pathlib import Path

from liftgate.errors import LiftgateError, Misconfigured, Unavailable
from liftgate.integrations.git.mirror import Mirror, Pushed
from liftgate.integrations.git.process import Result
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

    def _failed(self, verb: str, result: Result) -> LiftgateError:
        """That git would need a token means here that the mirror lacks something: this process has none."""
        error = super()._failed(verb, result)
        if isinstance(error, Misconfigured):
            return Unavailable(f"git {verb}: the mirror lacks an object; the next fetch looks whether it is damaged")
        return error
