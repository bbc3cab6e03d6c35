"""GitHub's answers as values: what lacks an expected field is not GitHub's answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from liftgate.domain.approval import review
from liftgate.errors import Misconfigured
from liftgate.integrations.forge import PullRequest

_STATES: Final[Mapping[str, review.State]] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "changes requested",
    "DISMISSED": "dismissed",
}


class Answer(BaseModel):
    """What we read of an answer; it has many more fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class User(Answer):
    login: str


class Repository(Answer):
    id: int
    full_name: str
    allow_merge_commit: bool | None = None
    archived: bool = False
    disabled: bool = False
    permissions: dict[str, bool] | None = None


class Side(Answer):
    """Head or base. `repo` is None if the fork was deleted."""

    ref: str
    sha: str
    repo: Repository | None = None


class Pull(Answer):
    number: int
    state: Literal["open", "closed"]
    head: Side
    base: Side
    html_url: str = ""
    draft: bool = False
    merged: bool | None = None
    merged_at: str | None = None
    merge_commit_sha: str | None = None
    mergeable: bool | None = None
    mergeable_state: str | None = None
    updated_at: str = ""
    user: User | None = None
    merged_by: User | None = None
    """Only in the answer about this one pull request."""

    @property
    def is_of_the_repository(self) -> bool:
        """Not of a fork, which may have a branch of the same name."""
        return bool(self.head.repo and self.base.repo and self.head.repo.id == self.base.repo.id)

    @property
    def as_ours(self) -> PullRequest:
        merged = bool(self.merged or self.merged_at)
        return PullRequest(
            number=self.number,
            url=self.html_url,
            head=self.head.sha,
            state="merged" if merged else self.state,
            merge_commit=self.merge_commit_sha or "" if merged else "",
            author=self.user.login if self.user else "",
        )


class Review(Answer):
    state: str
    user: User | None = None
    """None if the account was deleted."""
    commit_id: str | None = None
    body: str | None = None
    submitted_at: str | None = None

    @property
    def as_ours(self) -> review.Review:
        return review.Review(
            login=self.user.login if self.user else "",
            state=_STATES.get(self.state.upper(), "other"),
            commit=self.commit_id or "",
            text=self.body or "",
        )


class Merge(Answer):
    merged: bool
    sha: str | None = None


class Rule(Answer):
    type: str
    ruleset_id: int | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)


class Ruleset(Answer):
    name: str = ""
    current_user_can_bypass: str = "never"


class Checks(Answer):
    contexts: list[str] = Field(default_factory=list)


class Protection(Answer):
    enabled: bool = False
    required_status_checks: Checks | None = None


class Branch(Answer):
    protected: bool = False
    protection: Protection | None = None


class Status(Answer):
    context: str
    state: str
    target_url: str | None = None
    description: str | None = None


class App(Answer):
    id: int


class NamedApp(App):
    slug: str


class CheckRun(Answer):
    name: str
    status: str
    conclusion: str | None = None
    external_id: str | None = None
    html_url: str | None = None
    app: App | None = None


class Numbered(Answer):
    """Anything that was made."""

    id: int


class Token(Answer):
    token: str
    expires_at: str


class Installation(Answer):
    id: int
    app_slug: str = ""


class Comment(Answer):
    id: int
    body: str | None = None
    user: User | None = None


_A = TypeVar("_A", bound=Answer)


def not_githubs(path: str, why: str) -> Misconfigured:
    """The error for an answer to the path that GitHub does not give."""
    return Misconfigured(
        f"the answer to {path} is not GitHub's answer ({why}); look at LIFTGATE_FORGE__KIND and LIFTGATE_FORGE__URL"
    )


def read(kind: type[_A], data: Any, path: str) -> _A:
    """Raises Misconfigured, which names the path and the field but repeats nothing of the answer."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "everything"
        raise not_githubs(path, f"{field} is missing or wrong") from None


def read_list(kind: type[_A], data: Any, path: str) -> list[_A]:
    """Raises Misconfigured also for what is no list."""
    if not isinstance(data, list):
        raise not_githubs(path, "it is no list")
    return [read(kind, each, path) for each in data]
