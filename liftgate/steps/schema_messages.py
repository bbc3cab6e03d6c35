"""Sentences for what a JSON Schema finds, made from the schema only: no message can carry a value."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from liftgate.domain.common.value import Json

if TYPE_CHECKING:
    from jsonschema import ValidationError

_TEXTS: Final = {
    "minLength": "must have at least {} characters.",
    "maxLength": "must have at most {} characters.",
    "minimum": "must be at least {}.",
    "maximum": "must be at most {}.",
    "exclusiveMinimum": "must be more than {}.",
    "exclusiveMaximum": "must be less than {}.",
    "multipleOf": "must be a multiple of {}.",
    "minItems": "must have at least {} elements.",
    "maxItems": "must have at most {} elements.",
    "minProperties": "must have at least {} members.",
    "maxProperties": "must have at most {} members.",
    "format": "must be of the format {}.",
    "const": "must be {}.",
    "enum": "must be one of {}.",
    "pattern": "must match the pattern {}.",
    "type": "must be of the type {}.",
}


def sentence(keyword: str, wanted: Json, schema: dict[str, Any]) -> str:
    """What the keyword asks for; a pattern is told by the schema's own description if it has one."""
    if keyword == "pattern" and isinstance(schema.get("description"), str):
        return f"must be {schema['description']}."
    if keyword in ("type", "format") or (isinstance(wanted, int | float) and not isinstance(wanted, bool)):
        names = wanted if isinstance(wanted, list) else [wanted]
        return _TEXTS.get(keyword, "breaks the rule {}.").format(" or ".join(map(str, names)))
    if keyword == "enum" and isinstance(wanted, list):
        return _TEXTS[keyword].format(", ".join(json.dumps(each, ensure_ascii=False) for each in wanted[:20]))
    if keyword in _TEXTS:
        return _TEXTS[keyword].format(json.dumps(wanted, ensure_ascii=False))
    return f"breaks the rule {keyword} of the schema."


def misses(error: ValidationError) -> str:
    """All keys that are missing at once: the error itself names only one of them."""
    wanted: Any = error.validator_value
    present: Any = error.instance
    if isinstance(wanted, dict):
        wanted = [key for trigger, keys in wanted.items() if trigger in present for key in keys]
    return "lacks " + ", ".join(repr(key) for key in wanted if key not in present) + "."


def nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else ""
