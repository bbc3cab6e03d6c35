"""The forge's own repository, written in place: what a push brings is there, without the ten processes of a push."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from liftgate_sandbox.forge.receipts import ZERO

from liftgate.integrations.git.mirror import Mirror, Pushed
from liftgate.integrations.git.repository import Repository
from tests.committing import MAIN

if TYPE_CHECKING:
    from liftgate_sandbox.forge import Forge


class AtTheForge(Mirror):
    """What is there now, without a fetch; `push` is that of the person, and webhooks and pull requests follow it."""

    def __init__(self, forge: Forge, repository: str, who: str) -> None:
        self._forge, self._name, self._who, self.branch = forge, repository, who, MAIN.removeprefix("refs/heads/")
        self._bare = forge.bare(repository)
        self.directory = self._bare.path
        Repository.__init__(self, self.directory)

    def prepare(self) -> None:
        """It is there."""

    def fetch(self) -> str:
        return self.head

    def turn(self, to: str) -> AbstractContextManager[None]:  # noqa: ARG002 - the mirror takes turns by it
        return nullcontext()

    def push(self, sha: str, ref: str, expected: str, needless: str = "") -> Pushed:
        assert not needless
        if not self._bare.update_ref(ref, sha, expected or ZERO):
            return "stale"
        self._forge.pushed(self._name, self._who, ref, expected, sha)
        return "pushed"

    def remove(self, ref: str) -> None:
        if (there := self._bare.ref(ref)) and self._bare.delete_ref(ref):
            self._forge.pushed(self._name, self._who, ref, there, ZERO)
