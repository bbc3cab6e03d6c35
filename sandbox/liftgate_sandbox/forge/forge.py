"""The forge as its owner holds it: people, repositories, rules, and the ASGI application."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path
from typing import Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from liftgate_sandbox.faults import Faults
from liftgate_sandbox.forge.api.app import Api
from liftgate_sandbox.forge.bare import Bare
from liftgate_sandbox.forge.core import Core, now
from liftgate_sandbox.forge.following import follow
from liftgate_sandbox.forge.git_app import GitApp
from liftgate_sandbox.forge.model import App, CheckRun, Hook, Permission, Protection, Repository, Team, User
from liftgate_sandbox.forge.pages import Pages
from liftgate_sandbox.forge.receipts import ZERO, Change
from liftgate_sandbox.forge.store import Store
from liftgate_sandbox.forge.trouble import KINDS


class Forge:
    """A GitHub-like forge over bare repositories in `folder`; opened again, it knows everything it knew.

    `url` is where people reach it, without a trailing slash; left out, as their requests name it.
    """

    def __init__(self, folder: Path, *, url: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.store = Store(folder / "state.json")
        self.core = Core(self.store, folder / "repositories", url=url)
        self.faults = Faults(KINDS)
        self._learns_url = not url

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
            signing_keys=known.signing_keys if known else (),
        )
        self.store.put_user(user)
        return user

    def add_team(self, organization: str, slug: str, *members: str) -> Team:
        """People of an organization, by login."""
        team = Team(id=self.store.next_id(), organization=organization, slug=slug, members=members)
        self.store.put_team(team)
        return team

    def create_repository(self, full_name: str, *, default_branch: str = "main") -> Path:
        """A bare repository `owner/name`, empty unless its folder is there already; answers the folder."""
        known = self.store.repository(full_name)
        if known is None:
            owner, _, name = full_name.partition("/")
            if not self.core.path(full_name).exists():
                Bare.create(self.core.path(full_name), default_branch)
            about = {"owner": owner, "name": name, "default_branch": default_branch, "created_at": now()}
            self.store.put(Repository(id=self.store.next_id(), **about))
        return self.core.path(full_name)

    def pushed(self, full_name: str, login: str, ref: str, old: str, new: str) -> None:
        """All that follows a push, of commits that are in the repository already; an empty `old`: the ref is new."""
        sender = self.store.user(login)
        if sender is None:
            raise ValueError(f"no person {login}")
        follow(self.core, self.store.edit(full_name), sender, [Change(ref, old or ZERO, new)])

    def protect(self, full_name: str, branch: str, rules: Protection) -> None:
        """Set (replace) the rules of a branch."""
        known = self.store.edit(full_name).protections
        self.store.edit(full_name, protections={**known, branch: rules})

    def allow_merges(self, full_name: str, *methods: str) -> None:
        """Which of `merge`, `squash` and `rebase` the repository's settings allow."""
        self.store.edit(full_name, merge_methods=methods)

    def add_webhook(
        self,
        full_name: str,
        url: str,
        secret: str,
        events: tuple[str, ...] = ("*",),
        *,
        content_type: Literal["json", "form"] = "json",
    ) -> Hook:
        """Send signed events to `url`; the same address again replaces its secret and events."""
        known = self.store.edit(full_name).hooks
        hook = Hook(id=self.store.next_id(), url=url, secret=secret, events=events, content_type=content_type)
        self.store.edit(full_name, hooks=(*(each for each in known if each.url != url), hook))
        return hook

    def rename(self, full_name: str, new: str) -> None:
        """Calls to the old name, and git, are redirected."""
        self.core.path(new).parent.mkdir(parents=True, exist_ok=True)
        self.core.path(full_name).rename(self.core.path(new))
        self.store.rename(full_name, new)

    def add_check(
        self, full_name: str, sha: str, name: str, *, status: str = "completed", conclusion: str | None = None
    ) -> None:
        """A check run of another App, as a CI system makes it."""
        when, known = now(), self.store.edit(full_name)
        done = when if conclusion else None
        about = {"sha": sha, "name": name, "status": status, "conclusion": conclusion, "completed_at": done}
        run = CheckRun(id=self.store.next_id(), started_at=when, **about)
        self.store.edit(full_name, checks=(*known.checks, run))

    def add_app(self, client_id: str, public_key: str, *, repositories: tuple[str, ...], lifetime: float = 3600) -> App:
        """A GitHub App that is installed in these repositories; `public_key` as PEM."""
        login = f"{client_id.lower()}[bot]"
        self.add_user(login, secrets.token_urlsafe(), bot=True)
        found = [self.store.edit(full_name).id for full_name in repositories]
        given = {"client_id": client_id, "login": login, "public_key": public_key, "lifetime": lifetime}
        app = App(id=self.store.next_id(), repositories=tuple(found), **given)
        self.core.apps[login] = app
        return app

    def bare(self, full_name: str) -> Bare:
        return Bare(self.core.path(full_name))

    def asgi(self) -> ASGIApp:
        git = GitApp(self.core, partial(follow, self.core))
        routes = [
            self.faults.route(),
            Route("/{owner}/{repo}.git/{service:path}", git, methods=["GET", "POST"]),
            *Api(self.core).routes(),
            *Pages(self.core).routes(),
        ]
        return self._learning(self.faults.around(Starlette(routes=routes)))

    def close(self) -> None:
        """Deliver the waiting webhooks and end the thread that does."""
        self.core.outbox.close()

    def _learning(self, app: ASGIApp) -> ASGIApp:
        async def learning(scope: Scope, receive: Receive, send: Send) -> None:
            if self._learns_url and scope["type"] == "http":
                self.core.url = str(Request(scope).base_url).rstrip("/")
            await app(scope, receive, send)

        return learning
