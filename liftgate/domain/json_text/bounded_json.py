"""Reads JSON from other programs and people, within limits: gives a value or one error."""

from __future__ import annotations

import json
import re
from typing import Final, TypeVar

from pydantic import ValidationError

from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.nesting import is_deeper

LARGEST: Final = 64 * 1024 * 1024
"""Bytes. The list of all Argo CD Applications of a large Argo CD has about 20 MB."""
DEEPEST: Final = 128
"""Levels. Kubernetes objects have about 20; pydantic cannot write more than 255."""
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_V = TypeVar("_V", bound=Value)


class UnreadableJson(ValueError):
    """`str()` continues a sentence: "is not JSON". It never repeats the text, which could have a secret."""


def loads(text: bytes | str, *, largest: int = LARGEST) -> Json:
    """The value. Raises UnreadableJson for text that is not JSON, too large, too deep, or not valid Unicode."""
    if len(text) > largest:
        raise UnreadableJson(f"is larger than {largest} bytes")
    try:
        decoded = text if isinstance(text, str) else text.decode()
    except UnicodeDecodeError:
        raise UnreadableJson("is not UTF-8") from None
    if is_deeper(decoded, DEEPEST):
        raise UnreadableJson(f"is nested deeper than {DEEPEST} levels")
    try:
        value = json.loads(decoded, parse_constant=_refuse)
    except ValueError:
        raise UnreadableJson("is not JSON") from None
    if _SURROGATE.search(decoded) and not _is_text(value):
        raise UnreadableJson("contains half of a surrogate pair, which is not a character")
    return value


def read_as(kind: type[_V], text: bytes | str) -> _V:
    """The same as one of our values. Raises UnreadableJson if it does not fit."""
    try:
        return kind.model_validate(loads(text))
    except ValidationError:
        raise UnreadableJson(f"is not a valid {kind.__name__.lower()}") from None


def value_in(kind: type[_V], text: str) -> _V | None:
    """A run's stored text as one of our values; None if it does not fit, because Prefect may return anything."""
    try:
        return read_as(kind, text)
    except UnreadableJson:
        return None


def _refuse(_constant: str) -> Json:
    raise ValueError


def _is_text(value: Json) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
