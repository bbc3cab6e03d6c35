"""What an HTTP answer must be for a health check: status, a value in the body, and how quickly it came."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.domain.bounded_json import UnreadableJson, loads
from liftgate.domain.masking import readable
from liftgate.domain.pointer import MISSING, find
from liftgate.domain.secret import mask
from liftgate.domain.value import Json, Value

_SAID = ("reason", "message", "error")


class Expectation(Value):
    status: tuple[int, ...] = ()
    """Empty: any of 200 to 299."""
    pointer: str = ""
    equals: Json = None
    compares: bool = False
    """Whether the value at the pointer must be `equals`; else it only has to be there."""
    latency: float | None = None
    """Milliseconds."""


def shortfall(wanted: Expectation, status: int, body: bytes, seconds: float) -> str:
    """What is wrong with the answer, in words; an empty string when it is as wanted."""
    if not (status in wanted.status if wanted.status else 200 <= status < 300):
        return _said(body) or f"status {status}"
    if wanted.latency is not None and seconds * 1000 > wanted.latency:
        return f"answered after {seconds * 1000:.0f} ms, more than {wanted.latency:g} ms"
    return _value(wanted, body) if wanted.pointer or wanted.compares else ""


def _value(wanted: Expectation, body: bytes) -> str:
    document = _json(body)
    if document is MISSING:
        return f"the answer is no JSON, so there is nothing at {wanted.pointer}"
    found = find(document, wanted.pointer)
    if found is MISSING:
        return f"the answer has nothing at {wanted.pointer}"
    if not wanted.compares or same(found, wanted.equals):
        return ""
    shown, should = (readable(mask(each, wanted.pointer, "own")) for each in (found, wanted.equals))
    return f"{wanted.pointer} is {shown}, not {should}"


def same(left: Json, right: Json) -> bool:
    """Equal as JSON: 1 is 1.0, and true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


def text_at(body: bytes, pointer: str) -> str:
    """The text at the pointer of a JSON body; an empty string when there is none."""
    document = _json(body)
    found = MISSING if document is MISSING else find(document, pointer)
    return found if isinstance(found, str) else ""


def _json(body: bytes) -> Json:
    try:
        return loads(body)
    except UnreadableJson:
        return MISSING


def _said(body: bytes) -> str:
    """What the application says is wrong."""
    document = _json(body)
    if not isinstance(document, Mapping):
        return ""
    return readable(str(next((document[key] for key in _SAID if document.get(key)), "")))
