"""What a JSON text with mistakes most likely means, so that one search finds its other mistakes too."""

from __future__ import annotations

import json
from typing import Final

from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import MISSING
from liftgate.domain.json_text.scanner import Node, Scanner
from liftgate.domain.json_text.tokens import LONE_SURROGATE

_WORDS: Final = {"true": True, "false": False, "null": None, "none": None, "undefined": None}
_TOO_LONG: Final = "pointer-length"


def likely_value(text: str) -> Json:
    """MISSING if a mistake leaves it open how the text goes on. What is no number of JSON becomes null."""
    scanner = Scanner(text)
    if scanner.root is None or not scanner.is_whole or any(fault.rule == _TOO_LONG for fault in scanner.faults):
        return MISSING
    return _value(scanner.root, text)


def _value(node: Node, text: str) -> Json:
    if isinstance(node.children, dict):
        return {_storable(key): _value(below, text) for key, below in node.children.items()}
    if isinstance(node.children, list):
        return [_value(below, text) for below in node.children]
    return _leaf(text[node.start : node.end])


def _leaf(written: str) -> Json:
    try:
        value = json.loads(written, parse_constant=lambda _: None, parse_float=_finite)
    except ValueError:
        value = _WORDS.get(written.lower(), written.strip("'\""))
    return _storable(value) if isinstance(value, str) else value


def _finite(written: str) -> float | None:
    value = float(written)
    return value if value - value == 0 else None


def _storable(text: str) -> str:
    return LONE_SURROGATE.sub("\ufffd", text)
