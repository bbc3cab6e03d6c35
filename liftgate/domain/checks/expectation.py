"""What a health check expects of an HTTP answer: status, a value in the body, and latency."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.domain.json_text.pointer import MISSING, find
from liftgate.domain.secrets.masking import readable
from liftgate.domain.secrets.secret import mask

_SAID = ("reason", "message", "error")


class Expectation(Value):
    status: tuple[int, ...] = ()
    """Empty: any of 200 to 299."""
    pointer: str = ""
    equals: Json = None
    compares: bool = False
    """Whether the value at the pointer must be `equals`; otherwise it only has to exist."""
    latency: float | None = None
    """Milliseconds."""


def shortfall(wanted: Expectation, status: int, body: bytes, seconds: float) -> str:
    """What is wrong with the answer; an empty string if it is right."""
    if not (status in wanted.status if wanted.status else 200 <= status < 300):
        return _said(body) or f"status {status}"
    if wanted.latency is not None and seconds * 1000 > wanted.latency:
        return f"answered after {seconds * 1000:.0f} ms, more than {wanted.latency:g} ms"
    return _value(wanted, body) if wanted.pointer or wanted.compares else ""


def _value(wanted: Expectation, body: bytes) -> str:
    document = _json(body)
    if document is MISSING:
        return f"the answer is not JSON, so it has no value at {wanted.pointer}"
    found = find(document, wanted.pointer)
    if found is MISSING:
        return f"the answer has no value at {wanted.pointer}"
    if not wanted.compares or same(found, wanted.equals):
        return ""
    shown, should = (readable(mask(each, wanted.pointer, "own")) for each in (found, wanted.equals))
    return f"{wanted.pointer} is {shown}, not {should}"


def same(left: Json, right: Json) -> bool:
    """Equal as JSON: 1 equals 1.0, and true does not equal 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def text_at(body: bytes, pointer: str) -> str:
    """The text at the pointer of a JSON body; an empty string if there is none."""
    document = _json(body)
    found = MISSING if document is MISSING else find(document, pointer)
    return found if isinstance(found, str) else ""


def _json(body: bytes) -> Json:
    try:
        return loads(body)
    except UnreadableJson:
        return MISSING


def _said(body: bytes) -> str:
    """What the application reports as wrong."""
    document = _json(body)
    if not isinstance(document, Mapping):
        return ""
    return readable(str(next((document[key] for key in _SAID if document.get(key)), "")))
