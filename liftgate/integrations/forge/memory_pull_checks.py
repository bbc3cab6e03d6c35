"""Pull requests of people in memory: the twin of a forge's, for tests of what the server does with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from liftgate.domain.approval.review import Review
from liftgate.domain.common.verdict import Finding
from liftgate.integrations.forge import CHECK_COMMENT, CommitStatus, OpenPull


@dataclass
class Written:
    """A comment."""

    author: str
    body: str


@dataclass
class MemoryPullChecks:
    own: str = "liftgate-bot"
    """Login of our own account."""
    pulls: dict[int, OpenPull] = field(default_factory=dict)
    given: dict[int, list[Review]] = field(default_factory=dict)
    statuses: dict[str, list[CommitStatus]] = field(default_factory=dict)
    """Oldest first, by commit."""
    comments: dict[int, list[Written]] = field(default_factory=dict)
    annotations: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    """By commit."""
    calls: list[str] = field(default_factory=list)
    """The names of the methods that were called."""

    def open_pulls(self, base: str) -> tuple[OpenPull, ...]:  # noqa: ARG002  it has one branch
        self.calls.append("open_pulls")
        return tuple(self.pulls.values())

    def reviews(self, number: int) -> tuple[Review, ...]:
        self.calls.append("reviews")
        return tuple(self.given.get(number, ()))

    def status(self, head: str) -> CommitStatus | None:
        self.calls.append("status")
        return next(reversed(self.statuses.get(head, [])), None)

    def set_status(self, head: str, status: CommitStatus) -> None:
        self.calls.append("set_status")
        self.statuses.setdefault(head, []).append(status)

    def annotate(self, head: str, findings: Sequence[Finding]) -> None:
        self.annotations[head] = tuple(findings)

    def keep_comment(self, number: int, body: str, *, create: bool = True) -> None:
        self.calls.append("keep_comment")
        text, listed = f"{CHECK_COMMENT}\n{body}", self.comments.setdefault(number, [])
        ours = (each for each in listed if each.author == self.own and each.body.startswith(CHECK_COMMENT))
        if found := next(ours, None):
            found.body = text
        elif create:
            listed.append(Written(self.own, text))
