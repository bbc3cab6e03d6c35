"""The workspace as its owner holds it: people, channels, the app, and the ASGI application."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from liftgate_sandbox.faults import Faults
from liftgate_sandbox.slack.control import Control
from liftgate_sandbox.slack.hands import Answer, Hands
from liftgate_sandbox.slack.incoming import IncomingWebhooks
from liftgate_sandbox.slack.model import TEAM, WEBHOOKS, Channel, Person
from liftgate_sandbox.slack.page import Page
from liftgate_sandbox.slack.response_urls import ResponseUrls
from liftgate_sandbox.slack.sockets import Sockets
from liftgate_sandbox.slack.store import Store
from liftgate_sandbox.slack.triggers import Triggers
from liftgate_sandbox.slack.trouble import KINDS
from liftgate_sandbox.slack.web_api import ConnectionsOpen, WebApi

BOT = Person(id="U0LIFTGATE", name="liftgate", real_name="Liftgate", email="", is_bot=True)


class Slack:
    """A workspace with one installed app, kept in `folder`; opened again, it knows everything it knew.

    `clock` gives seconds since 1970 (response_urls and trigger ids expire by it).
    """

    def __init__(
        self,
        folder: Path,
        *,
        bot_token: str,
        signing_secret: str,
        app_token: str = "",
        interactivity_url: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.store = Store(folder / "state.json", clock)
        self.faults = Faults(KINDS)
        self.url = ""
        self._token, self._app_token = bot_token, app_token
        self.sockets = Sockets(lambda: self.url)
        self._triggers = Triggers(clock)
        self._hands = Hands(self.store, self._triggers, signing_secret, lambda: self.url, self.sockets)
        self._add(BOT)
        if interactivity_url:
            self.store.change(interactivity_url=interactivity_url)

    def add_person(self, id_: str, name: str, real_name: str, email: str) -> Person:
        person = Person(id=id_, name=name, real_name=real_name, email=email)
        self._add(person)
        return person

    def add_channel(self, id_: str, name: str) -> Channel:
        channel = Channel(id=id_, name=name)
        self.store.change(channels={**self.store.state.channels, id_: channel})
        return channel

    def add_webhook(self, channel: str, secret: str) -> str:
        """An incoming webhook that writes to the channel; the path of its address."""
        self.store.change(webhooks={**self.store.state.webhooks, secret: channel})
        return f"/services/{TEAM}/{WEBHOOKS}/{secret}"

    def press(self, user: str, message_ts: str, action_id: str) -> Answer:
        """Press a button as a person (id or name) would; answers what the app answered."""
        return self._hands.press(user, message_ts, action_id)

    def submit(self, user: str, view_id: str, values: dict[str, str]) -> Answer:
        """Submit an open modal; `values` maps block_id or action_id to what is entered."""
        return self._hands.submit(user, view_id, values)

    def asgi(self) -> ASGIApp:
        routes = [
            ConnectionsOpen(self.sockets, self._app_token).route(),
            WebApi(self.store, self._triggers, self._token, BOT).route(),
            self.sockets.route(),
            ResponseUrls(self.store, BOT).route(),
            IncomingWebhooks(self.store, BOT).route(),
            self.faults.route(),
            *Control(self.store, self._hands).routes(),
            *Page(self.store).routes(),
        ]
        return self._learning(self.faults.around(Starlette(routes=routes)))

    def _add(self, person: Person) -> None:
        self.store.change(people={**self.store.state.people, person.id: person})

    def _learning(self, app: ASGIApp) -> ASGIApp:
        """Requests tell where this server is reached; response_urls need to know."""

        async def learning(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                self.url = str(Request(scope).base_url).rstrip("/")
            await app(scope, receive, send)

        return learning
