"""A plain git remote: no pull requests; policy that asks for one is told so before anything happens."""

from __future__ import annotations

from liftgate.errors import Misconfigured
from liftgate.integrations.forge import Merged, PullRequest, Reviewed

_NONE = "this repository has no pull requests: set LIFTGATE_FORGE__KIND, or deliver by push"


class PlainRemote:
    has_pull_requests = False

    def propose(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        raise Misconfigured(_NONE)

    def find(self, branch: str, base: str) -> PullRequest | None:
        return None

    def merge(self, number: int, *, head: str, title: str, message: str) -> Merged:
        raise Misconfigured(_NONE)

    def reviewed(self, branch: str, base: str, *, within: float = 0.0) -> Reviewed | None:
        return None

    def close(self, number: int, branch: str, comment: str) -> None:
        """Nothing was ever opened."""
