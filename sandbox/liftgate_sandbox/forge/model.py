"""What the forge remembers besides git objects: frozen records, kept as JSON."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field

from liftgate_sandbox.record import Record

Permission: TypeAlias = Literal["read", "write", "admin"]
LEVELS: tuple[Permission, ...] = ("read", "write", "admin")


class Numbered(Record):
    """A record that can be found again; numbers are never used twice."""

    id: int


class User(Numbered):
    """A person or bot with one token; `permission` holds for every repository."""

    login: str
    token: str
    email: str
    name: str
    permission: Permission = "write"
    bot: bool = False
    signing_keys: tuple[str, ...] = ()

    def may(self, needed: Permission) -> bool:
        return LEVELS.index(self.permission) >= LEVELS.index(needed)


class Team(Numbered):
    """Some people of an organization."""

    organization: str
    slug: str
    members: tuple[str, ...]


class App(Numbered):
    """A GitHub App in some repositories; its tokens last for `lifetime` seconds."""

    client_id: str
    login: str
    public_key: str
    repositories: tuple[int, ...]
    lifetime: float = 3600.0


class Protection(Record):
    """Rules of one branch. `may_push` need no pull request; nobody rewrites history.

    `locked`: nobody else makes or moves it; `merge_queue`: pull requests are merged by a queue alone.
    `classic`: GitHub's older kind, which is told to administrators and is no ruleset; `admins_pass` is said of that.
    """

    approvals: int = 0
    contexts: tuple[str, ...] = ()
    strict: bool = False
    dismiss_stale: bool = True
    may_push: tuple[str, ...] = ()
    locked: bool = False
    merge_queue: bool = False
    classic: bool = False
    admins_pass: bool = False


class BypassActor(Record):
    """Whom a ruleset does not stop."""

    actor_type: str
    actor_id: int | None = None
    bypass_mode: Literal["always", "pull_request", "exempt"] = "always"


class Rule(Record):
    type: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class Ruleset(Numbered):
    """Rules of all branches whose full ref fits `include`, and does not fit `exclude`."""

    name: str
    created_at: str
    enforcement: str = "active"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    bypass_actors: tuple[BypassActor, ...] = ()
    rules: tuple[Rule, ...] = ()


class Hook(Numbered):
    """Where signed events go; `events` are GitHub's names, `*` is all of them."""

    url: str
    secret: str
    events: tuple[str, ...]
    content_type: Literal["json", "form"] = "json"


class Pull(Numbered):
    """A pull request inside one repository; `head_sha`, `base_sha`: the branches as last seen."""

    number: int
    title: str
    body: str
    user: str
    head: str
    base: str
    head_sha: str
    base_sha: str
    created_at: str
    updated_at: str
    state: Literal["open", "closed"] = "open"
    draft: bool = False
    closed_at: str | None = None
    merged_at: str | None = None
    merged_by: str | None = None
    merge_commit_sha: str | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()


class Review(Numbered):
    """`state` as GitHub answers it: APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""

    pull: int
    user: str
    state: str
    body: str
    commit: str
    submitted_at: str


class Status(Numbered):
    """One commit status: the newest of a context counts."""

    sha: str
    context: str
    state: Literal["error", "failure", "pending", "success"]
    description: str | None
    target_url: str | None
    creator: str
    created_at: str


class CheckRun(Numbered):
    """One check run; `conclusion` is null until `status` is completed."""

    sha: str
    name: str
    status: str
    conclusion: str | None
    started_at: str
    completed_at: str | None
    external_id: str = ""
    title: str | None = None
    summary: str | None = None
    annotations: tuple[dict[str, Any], ...] = ()


class Comment(Numbered):
    """A comment on an issue or pull request (they share numbers)."""

    issue: int
    user: str
    body: str
    created_at: str
    updated_at: str


class Repository(Numbered):
    """One repository and everything that hangs on it, oldest first."""

    owner: str
    name: str
    created_at: str
    default_branch: str = "main"
    merge_methods: tuple[str, ...] = ("merge",)
    protections: dict[str, Protection] = Field(default_factory=dict)
    rulesets: tuple[Ruleset, ...] = ()
    hooks: tuple[Hook, ...] = ()
    pulls: tuple[Pull, ...] = ()
    reviews: tuple[Review, ...] = ()
    statuses: tuple[Status, ...] = ()
    checks: tuple[CheckRun, ...] = ()
    comments: tuple[Comment, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


class State(Record):
    """The whole forge, as it is written to disk; `last_id` counts every numbered thing."""

    last_id: int = 0
    users: dict[str, User] = Field(default_factory=dict)
    repositories: dict[str, Repository] = Field(default_factory=dict)
    teams: tuple[Team, ...] = ()
    renamed: dict[str, str] = Field(default_factory=dict)
    """New names by the old ones, in small letters."""
