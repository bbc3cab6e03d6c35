"""The API's description as FastAPI makes it from the routes and from the values that are answered.

The routes are served by Starlette: what is no sound JSON, too large or sent by a page elsewhere is answered as our
sentences, before any model sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, APIRouter
from starlette.routing import Route

from liftgate.domain.value import Value

UNREAD: Final = (400, 413, 415, 422)
"""The statuses of a body that cannot be taken."""
ID: Final[dict[str, Any]] = {
    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}]
}


class Sentence(Value):
    """Why not."""

    sentence: str


def refused(*statuses: int, by: type[Value] = Sentence) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": by, "description": "Said in a sentence"} for status in statuses}


def sent(kind: type[Value]) -> dict[str, Any]:
    """What a route takes; it reads and checks the body itself."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": kind.model_json_schema()}}}}


def served(router: APIRouter) -> list[Route]:
    return [Route(each.path, each.endpoint, methods=sorted(each.methods or ())) for each in _described(router)]


def description(router: APIRouter) -> dict[str, Any]:
    return get_openapi(
        title="Liftgate's gatehouse",
        version="1",
        description="Who reaches the gatehouse may read; deciding and starting need a signed-in person.",
        routes=_described(router),
    )


def _described(router: APIRouter) -> Sequence[APIRoute]:
    return [each for each in router.routes if isinstance(each, APIRoute)]
