"""The API's description, written by hand; a test compares it with the routes."""

from __future__ import annotations

from typing import Any, Final

_ID: Final = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
_SENTENCE: Final = {"type": "object", "properties": {"sentence": {"type": "string"}}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _answers(good: str, what: str, *bad: str) -> dict[str, Any]:
    refused = {status: {"description": "Said in a sentence", **_json(_SENTENCE)} for status in bad}
    return {good: {"description": what}} | refused


_START: Final = {
    "type": "object",
    "required": ["flow"],
    "additionalProperties": False,
    "properties": {
        "flow": {"enum": ["promote", "update", "rollback", "nightly"]},
        "parameters": {"type": "object", "description": "The flow's own; requested_by and after are set by proof"},
    },
}
_DECIDE: Final = {
    "type": "object",
    "required": ["plan", "decision"],
    "additionalProperties": False,
    "properties": {
        "plan": {"type": "string", "description": "question.plan as it was shown: the whole digest of the plan"},
        "decision": {"enum": ["approve", "refuse"]},
        "reason": {"type": "string"},
    },
}
_BACK: Final = {
    "type": "object",
    "required": ["seen"],
    "additionalProperties": False,
    "properties": {
        "seen": {"type": "string", "description": "What GET gave; once the values have changed it is another"},
        "reason": {"type": "string"},
    },
}
DESCRIPTION: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Liftgate's gatehouse",
        "version": "1",
        "description": "Who reaches the gatehouse may read; deciding and starting need a signed-in person.",
    },
    "paths": {
        "/api/v1/promotions": {
            "get": {"summary": "The board", "responses": _answers("200", "Board", "503")},
            "post": {
                "summary": "Start a flow as the signed-in person",
                "requestBody": {"required": True, **_json(_START)},
                "responses": _answers("201", "Started", "400", "401", "403", "409", "413", "415", "422", "503"),
            },
        },
        "/api/v1/promotions/{id}": {
            "parameters": [_ID],
            "get": {"summary": "One promotion", "responses": _answers("200", "Promotion", "404", "503")},
        },
        "/api/v1/promotions/{id}/decision": {
            "parameters": [_ID],
            "post": {
                "summary": "Approve or refuse as the signed-in person",
                "requestBody": {"required": True, **_json(_DECIDE)},
                "responses": _answers("200", "Taken down", "400", "401", "403", "409", "413", "415", "422", "503"),
            },
        },
        "/api/v1/promotions/{id}/rollback": {
            "parameters": [_ID],
            "get": {
                "summary": "What going back to what this promotion verified would change",
                "responses": _answers("200", "Rows and promotions that are taken back", "404", "409", "503"),
            },
            "post": {
                "summary": "Go back to it as the signed-in person",
                "requestBody": {"required": True, **_json(_BACK)},
                "responses": _answers("201", "Started", "400", "401", "403", "404", "409", "413", "415", "422", "503"),
            },
        },
        "/api/v1/openapi.json": {"get": {"summary": "This", "responses": _answers("200", "OpenAPI")}},
    },
}
