"""The Web API below /api/: token, arguments and errors around every method."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from liftgate_sandbox.slack.call import Call, SlackError
from liftgate_sandbox.slack.methods import chat, conversations, users, views
from liftgate_sandbox.slack.model import Json, Person
from liftgate_sandbox.slack.sockets import Sockets
from liftgate_sandbox.slack.store import Store
from liftgate_sandbox.slack.triggers import Triggers

METHODS: Mapping[str, Callable[[Call], Json]] = {
    "auth.test": users.auth_test,
    "chat.delete": chat.delete,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.list": conversations.list_all,
    "conversations.replies": conversations.replies,
    "users.info": users.info,
    "users.list": users.list_all,
    "users.lookupByEmail": users.lookup_by_email,
    "views.open": views.open_modal,
}
STRUCTURED = ("blocks", "view", "attachments")


class WebApi:
    """Answers calls with the bot's token; everything Slack refuses is status 200 with `ok: false`."""

    def __init__(self, store: Store, triggers: Triggers, token: str, bot: Person) -> None:
        self._store, self._triggers, self._token, self._bot = store, triggers, token, bot

    def route(self) -> Route:
        return Route("/api/{method}", self._endpoint, methods=["GET", "POST"])

    async def _endpoint(self, request: Request) -> Response:
        try:
            arguments = await _arguments(request)
            _check(self._token, request, arguments)
            answer = await run_in_threadpool(self._call, request, arguments)
        except SlackError as error:
            return JSONResponse(error.shape())
        return JSONResponse({"ok": True, **answer})

    def _call(self, request: Request, arguments: Mapping[str, Any]) -> Json:
        method = METHODS.get(request.path_params["method"])
        if method is None:
            raise SlackError("unknown_method")
        url = str(request.base_url).rstrip("/")
        with self._store.lock:
            return method(Call(self._store, self._triggers, self._bot, arguments, url))


class ConnectionsOpen:
    """`apps.connections.open`, the one method that asks for the app's token instead of the bot's."""

    def __init__(self, sockets: Sockets, token: str) -> None:
        self._sockets, self._token = sockets, token

    def route(self) -> Route:
        return Route("/api/apps.connections.open", self._endpoint, methods=["POST"])

    async def _endpoint(self, request: Request) -> Response:
        try:
            _check(self._token, request, await _arguments(request))
        except SlackError as error:
            return JSONResponse(error.shape())
        return JSONResponse({"ok": True, **self._sockets.open()})


def _check(wanted: str, request: Request, arguments: Mapping[str, Any]) -> None:
    _, _, token = request.headers.get("authorization", "").partition(" ")
    given = token or str(arguments.get("token") or "")
    if not given:
        raise SlackError("not_authed")
    if not (wanted and hmac.compare_digest(given.encode(), wanted.encode())):
        raise SlackError("invalid_auth")


async def _arguments(request: Request) -> dict[str, Any]:
    """JSON, or a form (and the address) whose structured fields hold JSON."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return _json(await request.body())
    form = await request.form() if request.method == "POST" else {}
    given: dict[str, Any] = {**request.query_params, **form}
    return {name: _structured(name, value) for name, value in given.items()}


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return {name: _structured(name, each) for name, each in value.items()}


def _structured(name: str, value: Any) -> Any:
    if name not in STRUCTURED or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise SlackError("invalid_blocks_format" if name == "blocks" else "invalid_arguments") from None
