"""GitHub's webhooks: JSON, or a form with the same JSON in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.integrations.forge import Hook

_LOOKED_AT: Final = ("push", "pull_request", "pull_request_review")
_FORM: Final = "application/x-www-form-urlencoded"


def hook_of(headers: Mapping[str, str], body: bytes) -> Hook:
    """The signature was checked: it is of the body as it came."""
    event = headers.get("x-github-event", "")
    return Hook(
        reviewed=_branch(headers, body) if event == "pull_request_review" else "", is_ignored=event not in _LOOKED_AT
    )


def _branch(headers: Mapping[str, str], body: bytes) -> str:
    """Empty where the body names none."""
    try:
        return str(loads(_payload(headers, body))["pull_request"]["head"]["ref"])
    except (UnreadableJson, KeyError, TypeError, ValueError):
        return ""


def _payload(headers: Mapping[str, str], body: bytes) -> bytes | str:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return body
    return parse_qs(body.decode(), max_num_fields=10)["payload"][0]
