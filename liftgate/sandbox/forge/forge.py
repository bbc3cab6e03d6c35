"""The forge as its owner holds it: people, repositories, rules, and the ASGI application."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from liftgate.sandbox.forge.bare import Bare
from liftgate.sandbox.forge.git_app import GitApp
from liftgate.sandbox.forge.model import Permission, Protection, Repository, User
from liftgate.sandbox.forge.receipts import Change
from liftgate.sandbox.forge.store import Store


class Forge:
    """A GitHub-like forge over bare repositories in `folder`; opened again, it knows everything it knew."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.store = Store(folder / "state.json")
        self._repositories = folder / "repositories"

    def add_user(
        self, login: str, token: str, *, permission: Permission = "write", email: str = "", bot: bool = False
    ) -> User:
        """A person or bot who signs in with `token`; the same login again replaces its token and rights."""
        known = self.store.user(login)
        user = User(
            id=known.id if known else self.store.next_id(),
            login=login,
            token=token,
            email=email or f"{login}@example.com",
            name=login.replace("-", " ").title(),
            permission=permission,
            bot=bot,
        )
        self.store.put_user(user)
        return user

    def create_repository(self, full_name: str, *, default_branch: str = "main") -> Path:
        """An empty bare repository `owner/name` (or the one that exists already); answers its folder."""
        known = self.store.repository(full_name)
        if known is None:
            owner, _, name = full_name.partition("/")
            Bare.create(self._path(full_name), default_branch)
            identity = self.store.next_id()
            self.store.put(Repository(id=identity, owner=owner, name=name, default_branch=default_branch))
        return self._path(full_name)

    def protect(self, full_name: str, branch: str, rules: Protection) -> None:
        """Set (replace) the rules of a branch."""
        known = self.store.edit(full_name).protections
        self.store.edit(full_name, protections={**known, branch: rules})

    def bare(self, repository: Repository) -> Bare:
        return Bare(self._path(repository.full_name))

    def asgi(self) -> ASGIApp:
        git = GitApp(self.store, self._repositories, self._pushed)
        return Starlette(
            routes=[Route("/{owner}/{repo}.git/{service:path}", git, methods=["GET", "POST"])],
        )

    def _path(self, full_name: str) -> Path:
        return self._repositories / f"{full_name.lower()}.git"

    def _pushed(self, repository: Repository, user: User, changes: list[Change]) -> None:
        pass
