"""The page that shows a channel as a person sees it in Slack, and renews itself every second."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from liftgate_sandbox.slack import mrkdwn
from liftgate_sandbox.slack.model import Json, Message, Person, State
from liftgate_sandbox.slack.store import Store

COLOURS = ("#e8912d", "#2bac76", "#1d9bd1", "#cd2553", "#7c3085", "#4a6ee0")


class Page:
    """`/` for people, `/sandbox/view` for the page itself."""

    def __init__(self, store: Store) -> None:
        self._store = store
        loader = FileSystemLoader(Path(__file__).parent / "templates")
        self._templates = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        self._templates.filters |= {
            "mrkdwn": self._mrkdwn,
            "emoji": self._emoji,
            "clock": lambda ts: _when(ts).strftime("%H:%M"),
            "day": lambda ts: _when(ts).strftime("%A, %B %-d"),
            "initials": lambda name: "".join(word[0] for word in name.split()[:2]),
            "colour_digits": lambda given: given if re.fullmatch(r"[0-9a-fA-F]{6}", given or "") else "dddddd",
            "web_address": lambda given: given if str(given).startswith(("http://", "https://")) else "",
            "colour": lambda identity: COLOURS[sum(identity.encode()) % len(COLOURS)],
        }

    def routes(self) -> list[Route]:
        return [Route("/", self._whole), Route("/sandbox/view", self._parts)]

    async def _whole(self, request: Request) -> Response:
        values = self._values(request)
        return HTMLResponse(await run_in_threadpool(self._render, "page.html", values))

    async def _parts(self, request: Request) -> Response:
        """The changing parts as HTML: the channel, and the modal if one is open; `at` orders answers (seconds)."""
        at = monotonic()
        values = self._values(request)
        parts = {name: self._render(f"{name}.html", values) for name in ("channel", "modal")}
        return JSONResponse({"at": at, **parts})

    def _render(self, template: str, values: dict[str, Any]) -> str:
        return self._templates.get_template(template).render(values)

    def _values(self, request: Request) -> dict[str, Any]:
        state = self._store.state
        people = [person for person in state.people.values() if not person.is_bot]
        you = _chosen(people, request.query_params.get("you", ""))
        channel = _chosen(state.channels.values(), request.query_params.get("channel", ""))
        seen = _seen(state, channel.id if channel else "", you)
        open_views = [view for view in state.views.values() if you and view.user == you.id]
        return {
            "state": state,
            "people": people,
            "you": you,
            "channel": channel,
            "messages": [message for message in seen if not message.thread_ts],
            "threads": _threads(seen),
            "modal": open_views[-1] if open_views else None,
        }

    def _mrkdwn(self, text: Json | str) -> Markup:
        """A text object or a message's text; plain_text objects only have emoji."""
        if isinstance(text, str):
            return mrkdwn.html(text, self._names())
        if text.get("type") == "mrkdwn":
            return mrkdwn.html(text["text"], self._names())
        return self._emoji(text["text"])

    def _emoji(self, text: str) -> Markup:
        return Markup("<br>").join(mrkdwn.named(line) for line in text.split("\n"))

    def _names(self) -> dict[str, str]:
        state = self._store.state
        people = {person.id: person.real_name for person in state.people.values()}
        return people | {channel.id: channel.name for channel in state.channels.values()}


def _when(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts)).astimezone()


def _chosen(choices: Iterable[Any], wanted: str) -> Any:
    """The one of that id, else the first, else None."""
    known = {choice.id: choice for choice in choices}
    return known.get(wanted) or next(iter(known.values()), None)


def _seen(state: State, channel: str, you: Person | None) -> list[Message]:
    mine = (None, you.id if you else None)
    return [each for each in state.messages if each.channel == channel and each.only_for in mine]


def _threads(messages: Iterable[Message]) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = {}
    for message in messages:
        if message.thread_ts:
            found.setdefault(message.thread_ts, []).append(message)
    return found
