"""Pull requests: what we need of a forge, one file a product."""

from __future__ import annotations

from typing import Literal, Protocol

from liftgate.domain.review import Review
from liftgate.domain.value import Value

Merge = Literal["merged", "head moved", "not ready", "conflict", "refused"]


class PullRequest(Value):
    number: int
    url: str
    head: str
    """SHA of the proposed commit."""
    state: Literal["open", "closed", "merged"]
    merge_commit: str = ""
    author: str = ""
    """Login of whoever opened it."""


class Merged(Value):
    state: Merge
    commit: str = ""
    reason: str = ""


class Reviewed(Value):
    pull: PullRequest
    reviews: tuple[Review, ...]
    """All that were given, oldest first."""


class Forge(Protocol):
    """Every write is preceded by a read keyed by the branch, and any doubt is settled by reading again."""

    has_pull_requests: bool

    def propose(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open the pull request, or find the branch's own and bring its text up to date."""

    def find(self, branch: str, base: str) -> PullRequest | None:
        """The branch's newest pull request, whatever its state."""

    def merge(self, number: int, *, head: str, title: str, message: str) -> Merged:
        """Merge at exactly this head; `merged` also when it was merged before."""

    def reviewed(self, branch: str, base: str, *, within: float = 0.0) -> Reviewed | None:
        """The branch's newest pull request with its reviews; an answer not older than `within` seconds will do."""

    def close(self, number: int, branch: str, comment: str) -> None:
        """Close it, say why, delete its branch; harmless when that was done."""
