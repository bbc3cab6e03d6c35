"""Which values a run's parameters can have, so that Prefect returns them unchanged and can list the run.

Prefect stores them in Postgres, as JSON: a number of 10^16 or more comes back as an integer, one of 2^64 or more
breaks every list that contains it, NaN comes back as null, and half of a surrogate pair or a
NUL cannot be stored.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import WithJsonSchema

from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import escape
from liftgate.domain.json_text.scanner import MAX_DEPTH
from liftgate.domain.json_text.tokens import LARGEST_INTEGER, LONE_SURROGATE
from liftgate.errors import Refused

LARGEST: Final = 500_000
"""Bytes as JSON; Prefect's own limit is 524,288 characters."""
TEMPLATE: Final = "__prefect_kind"
"""The key of an object that Prefect fills in as a template before it stores it."""
_UNSTORABLE: Final = re.compile("\0|" + LONE_SURROGATE.pattern)
_KEY: Final = re.compile("[a-z0-9-]+")
_TEXT: Final = "^[^\\u0000\\ud800-\\udfff]*$"
_AGAIN: Final = {"$dynamicRef": "#value"}
"""Not `$ref`: pydantic would look for it in the schema's own definitions."""
_VALUE: Final[dict[str, Json]] = {
    "$dynamicAnchor": "value",
    "minimum": -LARGEST_INTEGER,
    "maximum": LARGEST_INTEGER,
    # NaN is below no minimum and above no maximum; an error of an anyOf is reported after all others
    "anyOf": [{"not": {"type": "number", "minimum": LARGEST_INTEGER + 1}}],
    "pattern": _TEXT,
    "propertyNames": {"pattern": _TEXT},
    "items": _AGAIN,
    "additionalProperties": _AGAIN,
}
Changes = Annotated[
    dict[str, Any],
    WithJsonSchema({"type": "object", "propertyNames": {"pattern": _TEXT}, "additionalProperties": _VALUE}),
]
"""An update's changes: JSON pointer to new value. Prefect checks the schema, because its form bypasses our code."""
NOTHING: Final[dict[str, Any]] = {}
"""No changes. It is never changed itself."""
Pointers = Annotated[Sequence[str], WithJsonSchema({"type": "array", "items": {"type": "string", "pattern": _TEXT}})]
"""The JSON pointers of values that an update removes."""


def check_parameters(parameters: Mapping[str, Json]) -> None:
    """Raise Refused, with the place, for a value that Prefect cannot store."""
    _check(dict(parameters), "", 0)
    size = len(json.dumps(dict(parameters)))
    if size > LARGEST:
        raise Refused(f"The parameters of a run have {size} bytes; the limit is {LARGEST}.")


def storable(text: str) -> str:
    """The text without the characters that Prefect cannot store."""
    return _UNSTORABLE.sub("\ufffd", text)


def check_parameter_key(key: str) -> None:
    """Raise Refused for a key that Prefect does not accept."""
    if not _KEY.fullmatch(key):
        raise Refused(f'"{storable(key)}" cannot be a key of a run: use lower-case letters, digits and dashes.')


def _check(value: Json, pointer: str, depth: int) -> None:
    if fault := _fault(value, depth):
        raise Refused(f"The value at {storable(pointer) or 'the root'} cannot be sent: {fault}")
    if isinstance(value, dict):
        for key, below in value.items():
            if fault := _fault(key, depth):
                raise Refused(f"A key at {storable(pointer) or 'the root'} cannot be sent: {fault}")
            _check(below, f"{pointer}/{escape(key)}", depth + 1)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            _check(below, f"{pointer}/{index}", depth + 1)


def _fault(value: Json, depth: int) -> str:
    if isinstance(value, int | float):
        return _number_fault(value)
    if isinstance(value, str):
        return "it holds a NUL character or half of a surrogate pair." if _UNSTORABLE.search(value) else ""
    if depth > MAX_DEPTH:
        return f"it is nested deeper than {MAX_DEPTH} levels."
    if isinstance(value, dict) and TEMPLATE in value:
        return f"an object with the key {TEMPLATE} would be read as a template."
    return ""


def _number_fault(value: float) -> str:
    if not math.isfinite(value):
        return "neither NaN nor Infinity is JSON."
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return "the number is beyond 2^53, where readers start to round: use a string."
    if value == 0 and math.copysign(1, value) < 0:
        return "-0.0 would come back as 0.0: write 0.0."
    return ""
