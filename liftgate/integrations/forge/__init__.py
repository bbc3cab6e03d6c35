"""Pull requests, reviews, webhooks and links: what we need of a forge, one file a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol

from pydantic import AwareDatetime

from liftgate.domain.approval.policy import Person
from liftgate.domain.approval.review import Review
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Finding, Verdict
from liftgate.domain.hand_changes.checked import State
from liftgate.integrations.forge.protection import Protection

MERGES: Final = "forge: merge"
"""The name of the check whether merge commits are allowed; it means nothing where all is pushed."""
CHECK_COMMENT: Final = "<!-- liftgate: check of this pull request -->"
"""The first line of our comment on a person's pull request."""
Merge = Literal["merged", "head moved", "not ready", "conflict", "refused"]


@dataclass(frozen=True)
class Access:
    """What every forge is given. Empty texts are not set; a product says so when it needs them."""

    url: str = ""
    """Base of the API; empty: the product's public one."""
    repository: str = ""
    """The repository's name at the forge; empty: the product takes it from `remote`."""
    remote: str = ""
    """The repository's address as git clones it."""
    token: str = field(default="", repr=False)
    app_id: str = ""
    """Id of the app that signs in instead of a token, where the product has apps."""
    app_key: str = field(default="", repr=False)
    """The app's private key, or the path of its file."""
    deadline: float = 1800.0
    """Seconds that required checks may take before a merge."""
    memory: Path | None = None
    """Folder for what all processes of the installation should know, such as rate limits; None: each knows its own."""
    webhook_secret: str = field(default="", repr=False)


class PullRequest(Value):
    number: int
    url: str
    head: str
    """SHA of the proposed commit."""
    state: Literal["open", "closed", "merged"]
    merge_commit: str = ""
    author: str = ""
    """Login of the person who opened it."""


class Merged(Value):
    state: Merge
    commit: str = ""
    reason: str = ""


class Reviewed(Value):
    pull: PullRequest
    reviews: tuple[Review, ...]
    """All that were given, oldest first."""


class MergedPull(Value):
    """The pull request whose merge brought a commit to a branch."""

    pull: PullRequest
    by: str
    """Login of the person who merged it; empty if the account was deleted."""
    reviews: tuple[Review, ...]
    """Those that were given before the merge, oldest first."""


class Hook(Value):
    """A call from the forge that is proven. It is only a reason to look: what happened is read from the forge."""

    reviewed: str = ""
    """The branch of the pull request that was reviewed; empty for any other event."""
    is_ignored: bool = False
    """Whether the event changes nothing that Liftgate looks at: a star, an issue, its own commit status."""


class OpenPull(Value):
    """An open pull request onto the branch, by any person."""

    number: int
    url: str
    head: str
    """SHA of its newest commit."""
    branch: str
    author: str
    """Login of the person who opened it; empty if the account is gone."""
    updated: AwareDatetime | None = None
    """When anything of it changed last, as far as the forge says."""
    is_fork: bool = False
    """Whether its branch is in another repository, whose owner may be anyone."""
    ref: str
    """Where git finds its head in our repository."""


class CommitStatus(Value):
    """The status of a commit with the name `STATUS_CHECK`, which branch protection can require."""

    state: State
    sentence: str = ""
    url: str = ""
    """Where people read more."""


class PullRequestChecks(Protocol):
    """Pull requests of people: who reviewed them, and what Liftgate says about them."""

    def open_pulls(self, base: str) -> tuple[OpenPull, ...]:
        """All of them onto the branch, by one list. Raises Unavailable, Misconfigured; Refused for too many."""

    def reviews(self, number: int) -> tuple[Review, ...]:
        """All that were given, oldest first."""

    def status(self, head: str) -> CommitStatus | None:
        """The newest one at the commit, of any account."""

    def set_status(self, head: str, status: CommitStatus) -> None:
        """Its sentence is cut to what the forge takes."""

    def annotate(self, head: str, findings: Sequence[Finding]) -> None:
        """Show findings at their lines, once, if the sign-in may do that; else nothing happens."""

    def keep_comment(self, number: int, body: str, *, create: bool = True) -> None:
        """Make our one comment (Markdown), or bring it up to date: found by its marker and by its author, who is our
        own account. Without `create` only an existing one changes."""


class MergedPulls(Protocol):
    """How people brought their own commits to a branch."""

    def merged_with(self, commit: str, base: str) -> MergedPull | None:
        """The merged pull request onto the branch that brought the commit; None where the forge knows of none.

        The answer is the forge's word: whether the merge is in the branch's history is checked in Git. Raises
        Unavailable, Misconfigured.
        """


class Forge(MergedPulls, Protocol):
    """Every write is preceded by a read keyed by the branch, and any doubt is settled by reading again.

    Making one sends no request and needs no token; `login`, `account`, `commit_url` and the webhooks work without a
    network.
    """

    has_pull_requests: bool

    @property
    def pull_checks(self) -> PullRequestChecks | None:
        """None where pull requests of people cannot be checked."""

    def propose(self, *, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open the pull request, or find the branch's own and bring its text up to date."""

    def find(self, branch: str, base: str) -> PullRequest | None:
        """The branch's newest pull request, whatever its state."""

    def git_token(self) -> str:
        """The password for git over HTTP where the forge gives one that must be renewed; empty elsewhere.

        Raises Unavailable, Misconfigured.
        """

    def git_token_refused(self) -> None:
        """The host did not accept the last `git_token`: it may have ended early, so the next one is new."""

    def inspect(self, base: str) -> Mapping[str, Verdict]:
        """The setup of the forge for Liftgate, by the name of the check; it changes nothing, and raises nothing."""

    def protection(self) -> Protection | None:
        """The rules of branches; None where Liftgate cannot set any."""

    def merge_problem(self, base: str) -> str:
        """Why the forge allows no merge commit onto the branch, as a sentence; empty where it allows them, or does not
        say. Only a merge commit keeps the signed proposal."""

    def merge(self, number: int, *, head: str, title: str, message: str) -> Merged:
        """Merge at exactly this head; `merged` also when it was merged before."""

    def reviewed(self, branch: str, base: str, *, within: float = 0.0) -> Reviewed | None:
        """The branch's newest pull request with its reviews; an answer not older than `within` seconds will do."""

    def close(self, number: int, branch: str, comment: str) -> None:
        """Close it, say why, delete its branch; harmless when that was done."""

    def login(self, person: Person) -> str:
        """The person's name at this forge, in any case of letters; empty where `people` does not say it."""

    own_login: str
    """The login under which the forge itself commits when people press its buttons; empty if there is none."""

    def account(self, email: str) -> str:
        """The login of the account for which the forge made this e-mail address; empty for any other address."""

    def commit_url(self, commit: str) -> str:
        """Where people see the commit; empty where there is no such page."""

    def may_be_proven(self, headers: Mapping[str, str]) -> bool:
        """Whether a call with these headers can be proven: the body of any other call is not even read."""

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Hook | None:
        """None for a call that the webhook's secret does not prove. Names of headers are in small letters.

        Never raises: the body may be anything.
        """
