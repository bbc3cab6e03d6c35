"""What a run's parameters can hold, so that they come back from its record as they were sent, and it can be listed.

The record is kept in Postgres, as JSON: a number from 10^16 on comes back as an integer, one of 2^64 or more breaks
every list that it is in, a NaN comes back as null (which removes a value), and half of a surrogate pair or a NUL
cannot be stored.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import WithJsonSchema

from liftgate.domain.pointer import escape
from liftgate.domain.strict_json_scan import MAX_DEPTH
from liftgate.domain.strict_json_tokens import LARGEST_INTEGER, LONE_SURROGATE
from liftgate.domain.value import Json
from liftgate.errors import Refused

LARGEST: Final = 500_000
"""Bytes as JSON; Prefect's own limit is 524,288 characters."""
TEMPLATE: Final = "__prefect_kind"
"""The key of an object that is not stored but filled in first."""
_UNSTORABLE: Final = re.compile("\0|" + LONE_SURROGATE.pattern)
_KEY: Final = re.compile("[a-z0-9-]+")
_TEXT: Final = "^[^\\u0000\\ud800-\\udfff]*$"
_AGAIN: Final = {"$dynamicRef": "#value"}
"""Not `$ref`: pydantic, which makes the schema's definitions, would look for it among them."""
_VALUE: Final[dict[str, Json]] = {
    "$dynamicAnchor": "value",
    "minimum": -LARGEST_INTEGER,
    "maximum": LARGEST_INTEGER,
    # NaN is below no minimum and above no maximum; of several faults, one of an anyOf is told last
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
"""An update's: JSON pointer to new value. The schema is checked by Prefect, whose own form nothing of ours sees."""


def check(parameters: Mapping[str, Json]) -> None:
    """Raise Refused, with the place, for what a run's record cannot hold."""
    _check(dict(parameters), "", 0)
    size = len(json.dumps(dict(parameters)))
    if size > LARGEST:
        raise Refused(f"The parameters of a run have {size} bytes; the limit is {LARGEST}.")


def storable(text: str) -> str:
    """The same without the characters that no record can hold."""
    return _UNSTORABLE.sub("\ufffd", text)


def check_key(key: str) -> None:
    """Raise Refused for a key that a run can keep nothing under."""
    if not _KEY.fullmatch(key):
        raise Refused(f'A run keeps nothing under "{storable(key)}": lower-case letters, digits and dashes make a key.')


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
        return f"an object with the key {TEMPLATE} would be taken for a template."
    return ""


def _number_fault(value: float) -> str:
    if not math.isfinite(value):
        return "neither NaN nor Infinity is JSON."
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return "the number is beyond 2^53, where readers start to round: use a string."
    if value == 0 and math.copysign(1, value) < 0:
        return "-0.0 would come back as 0.0: write 0.0."
    return ""
