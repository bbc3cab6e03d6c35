"""GitHub's webhooks: JSON, or a form with the same JSON in it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from liftgate.domain.json_text.bounded_json import UnreadableJson, loads

_FORM = "application/x-www-form-urlencoded"


def reviewed_branch(headers: Mapping[str, str], body: bytes) -> str:
    """Empty for anything but a review of a pull request. The signature was checked: it is of the body as it came."""
    if headers.get("x-github-event") != "pull_request_review":
        return ""
    try:
        return str(loads(_payload(headers, body))["pull_request"]["head"]["ref"])
    except (UnreadableJson, KeyError, TypeError, ValueError):
        return ""


def _payload(headers: Mapping[str, str], body: bytes) -> bytes | str:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return body
    return parse_qs(body.decode(), max_num_fields=10)["payload"][0]
