"""Whether an answer of the API is what its own description promises: asked of every one that a test gets."""

from __future__ import annotations

import re
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

from liftgate.server import api, openapi

DESCRIPTION = openapi.description(api.router)


def as_described(response: httpx.Response) -> None:
    """For httpx's event hooks. A path without a route is nobody's promise."""
    operation = _operation(response.request)
    if operation is None:
        return
    promised = operation["responses"].get(str(response.status_code))
    assert promised, f"{response.request.method} {response.request.url.path}: {response.status_code} is not described"
    schema = promised["content"]["application/json"]["schema"] | {"components": DESCRIPTION["components"]}
    response.read()
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(response.json())


def _operation(request: httpx.Request) -> dict[str, Any] | None:
    for path, verbs in DESCRIPTION["paths"].items():
        if re.fullmatch(path.replace("{id}", "[0-9a-f-]{36}"), request.url.path):
            found: dict[str, Any] | None = verbs.get(request.method.lower())
            return found
    return None
