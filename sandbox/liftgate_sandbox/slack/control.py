"""Control calls for tests and for the page: settings, presses, modals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from liftgate_sandbox.slack.hands import Hands, Unknown
from liftgate_sandbox.slack.model import Json
from liftgate_sandbox.slack.store import Store


class Control:
    """All below /sandbox but the faults; a missing field is 400, an unknown thing 404, in a sentence."""

    def __init__(self, store: Store, hands: Hands) -> None:
        self._store, self._hands = store, hands

    def routes(self) -> list[Route]:
        return [
            self._route("settings", self._settings),
            self._route("press", self._press),
            self._route("submit", self._submit),
            self._route("dismiss", self._dismiss),
        ]

    def _route(self, name: str, act: Callable[[Json], Json]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return JSONResponse(await run_in_threadpool(act, await request.json()))
            except Unknown as error:
                return JSONResponse({"error": str(error)}, 404)
            except KeyError as error:
                return JSONResponse({"error": f"The field {error} is missing."}, 400)

        return Route(f"/sandbox/{name}", endpoint, methods=["POST"])

    def _settings(self, wanted: Json) -> Json:
        self._store.change(interactivity_url=wanted["interactivity_url"])
        return {"interactivity_url": self._store.state.interactivity_url}

    def _press(self, wanted: Json) -> Json:
        answer = self._hands.press(wanted["user"], wanted["ts"], wanted["action_id"])
        return answer._asdict()

    def _submit(self, wanted: Json) -> Json:
        values: dict[str, Any] = wanted.get("values") or {}
        answer = self._hands.submit(wanted["user"], wanted["view_id"], values)
        opened = self._store.state.views.get(wanted["view_id"])
        return answer._asdict() | {"errors": opened.errors if opened else {}}

    def _dismiss(self, wanted: Json) -> Json:
        self._hands.dismiss(wanted["user"], wanted["view_id"])
        return {}
