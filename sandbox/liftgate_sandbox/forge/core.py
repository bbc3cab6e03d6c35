"""What every part of the forge works with: the store, the repositories, the outbox."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from liftgate_sandbox.forge.bare import Bare
from liftgate_sandbox.forge.model import App, Pull, Repository, User
from liftgate_sandbox.forge.openpgp import Key, key_in
from liftgate_sandbox.forge.outbox import Outbox
from liftgate_sandbox.forge.store import Store, replaced

WEB_FLOW = User(id=19864447, login="web-flow", token="", email="noreply@github.com", name="GitHub")
"""The account under which GitHub commits when people press its buttons; it cannot sign in."""


class Request(NamedTuple):
    """A call of the API as it came; `path` is below /api/v3, with its escapes resolved."""

    agent: str
    method: str
    path: str
    query: Mapping[str, str]
    body: bytes


@dataclass
class Core:
    """`url` is where people reach the forge: given, or as the last request had it.

    `conflicts` remembers which (base, head) pairs were tried, and whether they conflict; `used` counts each user's
    calls of the API.
    """

    store: Store
    repositories: Path
    url: str = ""
    outbox: Outbox = field(default_factory=Outbox)
    conflicts: dict[tuple[str, str], bool] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)
    requests: deque[Request] = field(default_factory=lambda: deque(maxlen=5000))
    """The calls of the API, oldest first; of very many the newest ones."""
    apps: dict[str, App] = field(default_factory=dict)
    """By the login of the App's user."""
    issued: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """Tokens of Apps: whose, and until when."""

    def path(self, full_name: str) -> Path:
        return self.repositories / f"{full_name.lower()}.git"

    @property
    def own_key(self) -> Key:
        """With which the forge signs the commits that it makes."""
        return key_in(self.repositories.parent, f"{WEB_FLOW.name} <{WEB_FLOW.email}>")

    def bare(self, repository: Repository) -> Bare:
        return Bare(self.path(repository.full_name))

    def again(self, repository: Repository) -> Repository:
        """The repository as it is now."""
        return self.store.edit(repository.full_name)

    def user(self, login: str) -> User:
        """Somebody who acted once, even if the forge was told to forget them."""
        return self.store.user(login) or User(id=0, login=login, token="", email="", name=login)

    def by_token(self, token: str) -> User | None:
        """Of a person, or of an App whose token has not ended."""
        login, until = self.issued.get(token, ("", datetime.min.replace(tzinfo=UTC)))
        return self.user(login) if datetime.now(UTC) < until else self.store.by_token(token)

    def put_pull(self, repository: Repository, pull: Pull) -> Repository:
        """Put a changed pull request back; answers the repository with it."""
        with self.store.lock:
            changed = pull.model_copy(update={"updated_at": now()})
            return self.store.edit(repository.full_name, pulls=replaced(self.again(repository).pulls, changed))


def now() -> str:
    """The time as GitHub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
