"""A clone's origin, asked with the user's own git settings: their name, keys and credential helpers."""

from __future__ import annotations

from pathlib import Path

from liftgate.errors import Refused
from liftgate.integrations.git import pauses
from liftgate.integrations.git.failure import git_failure
from liftgate.integrations.git.process import git_python


class Remote:
    def __init__(self, folder: Path) -> None:
        """Raises Misconfigured where git is not installed."""
        self._git = git_python(folder)

    def git(self, *arguments: str) -> str:
        """What git says. Raises Misconfigured where origin refuses it, Unavailable for anything else."""
        status, out, err = self._git.execute(
            ["git", *arguments], with_extended_output=True, with_exceptions=False, env={"LC_ALL": "C.UTF-8"}
        )
        if status:
            raise git_failure(arguments[0], str(err).encode(errors="replace"))
        return str(out)

    def has_signing_key(self) -> bool:
        """Whether git knows with which key the user signs."""
        status, out, _ = self._git.execute(
            ["git", "config", "user.signingkey"], with_extended_output=True, with_exceptions=False
        )
        return status == 0 and bool(out)

    def fetch(self) -> None:
        """Liftgate's own branches, stops among them. Raises Refused for a clone without an origin."""
        if "origin" not in self.git("remote").split():
            raise Refused("this clone has no origin to push to")
        self.git("fetch", "--quiet", "--prune", "origin", f"+refs/heads/liftgate/*:{pauses.REMOTES}liftgate/*")
