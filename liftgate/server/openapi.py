"""The API's description: FastAPI makes it from the routes and their answers.

Starlette serves the routes: a body that is not valid JSON, is too large or comes from another site gets one of our
sentences before any model sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, APIRouter
from starlette.routing import Route

from liftgate.domain.common.value import Value

OF_BODY: Final = (400, 408, 413, 415, 422, 429, 504)
"""The statuses for a body that cannot be read."""
ID: Final[dict[str, Any]] = {
    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}]
}


class Sentence(Value):
    """Why the request failed."""

    sentence: str


def refused(*statuses: int, by: type[Value] = Sentence) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": by, "description": "The reason in one sentence"} for status in statuses}


def sent(kind: type[Value]) -> dict[str, Any]:
    """The body that a route accepts; the route reads and checks it itself."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": kind.model_json_schema()}}}}


def served(router: APIRouter) -> list[Route]:
    return [Route(each.path, each.endpoint, methods=sorted(each.methods or ())) for each in _described(router)]


def description(router: APIRouter) -> dict[str, Any]:
    return get_openapi(
        title="Liftgate server",
        version="1",
        description="Everyone who can reach the Liftgate server may read. Only signed-in people may decide and start.",
        routes=_described(router),
    )


def _described(router: APIRouter) -> Sequence[APIRoute]:
    return [each for each in router.routes if isinstance(each, APIRoute)]
