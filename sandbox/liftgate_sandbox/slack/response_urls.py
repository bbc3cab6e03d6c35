"""response_url: the app answers a press, five times within thirty minutes, without a token."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from liftgate_sandbox.slack.call import SlackError, json_object, words
from liftgate_sandbox.slack.model import Grant, Json, Message, Person
from liftgate_sandbox.slack.store import Store


class ResponseUrls:
    """New ephemeral message, new message for all, replace or delete the one that was pressed."""

    def __init__(self, store: Store, bot: Person) -> None:
        self._store, self._bot = store, bot

    def route(self) -> Route:
        return Route("/actions/{key}", self._endpoint, methods=["POST"])

    async def _endpoint(self, request: Request) -> Response:
        try:
            said = json_object(await request.body())
            await run_in_threadpool(self._answer, request.path_params["key"], said)
        except SlackError as error:
            return JSONResponse(error.shape(), 404 if error.code.endswith("_url") else 400)
        except ValueError:
            return PlainTextResponse("invalid_payload", 400)
        return PlainTextResponse("ok")

    def _answer(self, key: str, said: Json) -> None:
        with self._store.lock:
            grant = self._redeem(key)
            pressed = self._store.message(grant.channel, grant.ts)
            if said.get("delete_original"):
                self._delete(pressed)
            elif said.get("replace_original") and pressed:
                self._store.put(pressed.model_copy(update=words(said) | {"edited": self._store.next_ts()}))
            else:
                self._store.put(self._new(grant, pressed, said))

    def _redeem(self, key: str) -> Grant:
        grant = self._store.state.grants.get(key)
        if grant is None:
            raise SlackError("invalid_url")
        if grant.expires < self._store.clock():
            raise SlackError("expired_url")
        if not grant.uses:
            raise SlackError("used_url")
        left = grant.model_copy(update={"uses": grant.uses - 1})
        self._store.change(grants={**self._store.state.grants, key: left})
        return grant

    def _delete(self, pressed: Message | None) -> None:
        if pressed:
            self._store.remove(pressed)

    def _new(self, grant: Grant, pressed: Message | None, said: Json) -> Message:
        return Message(
            **words(said),
            ts=self._store.next_ts(),
            channel=grant.channel,
            user=self._bot.id,
            thread_ts=said.get("thread_ts") or (pressed.thread_ts if pressed else None),
            only_for=None if said.get("response_type") == "in_channel" else grant.user,
        )
