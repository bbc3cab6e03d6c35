"""Incoming webhooks: an address that is itself the secret, and writes to one channel."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from liftgate_sandbox.slack.call import SlackError, json_object, words
from liftgate_sandbox.slack.model import TEAM, WEBHOOKS, Json, Message, Person
from liftgate_sandbox.slack.store import Store

STATUSES = {"no_team": 404, "no_service": 404, "channel_not_found": 404, "invalid_token": 403}
"""Of the refusals that are not 400; each answers its own name as plain text."""


class IncomingWebhooks:
    """The channel, name and picture that a message asks for are ignored: the webhook has its own."""

    def __init__(self, store: Store, bot: Person) -> None:
        self._store, self._bot = store, bot

    def route(self) -> Route:
        return Route("/services/{team}/{service}/{secret}", self._endpoint, methods=["POST"])

    async def _endpoint(self, request: Request) -> Response:
        try:
            channel = self._channel(**request.path_params)
            said = await _said(request)
            await run_in_threadpool(self._write, channel, said)
        except SlackError as error:
            return PlainTextResponse(error.code, STATUSES.get(error.code, 400))
        return PlainTextResponse("ok")

    def _channel(self, team: str, service: str, secret: str) -> str:
        if team != TEAM:
            raise SlackError("no_team")
        if service != WEBHOOKS:
            raise SlackError("no_service")
        channel = self._store.state.webhooks.get(secret)
        if channel is None:
            raise SlackError("invalid_token")
        if self._store.channel(channel) is None:
            raise SlackError("channel_not_found")
        return channel

    def _write(self, channel: str, said: Json) -> None:
        with self._store.lock:
            message = Message(**words(said), ts=self._store.next_ts(), channel=channel, user=self._bot.id)
            self._store.put(message)


async def _said(request: Request) -> Json:
    """JSON, or a form whose `payload` is JSON."""
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    try:
        body = str((await request.form()).get("payload", "")) if is_form else await request.body()
        return json_object(body)
    except ValueError:
        raise SlackError("invalid_payload") from None
