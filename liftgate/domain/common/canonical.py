"""One text for equal JSON values, and its digest, which identifies releases and plans."""

from __future__ import annotations

import hashlib
import json

from liftgate.domain.common.value import Json


def canonical(value: Json) -> bytes:
    """Sorted keys, no white space, UTF-8, as in RFC 8785, but 1, 1.0 and true stay three values.

    `1.50` and `1.5` are one value; `1` and `1.0` are not, because SOPS, YAML readers and typed
    languages tell them apart.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def digest(value: Json) -> str:
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def same(one: Json, other: Json) -> bool:
    """Equal as JSON values: Python's `1 == True == 1.0` is not good enough for a plan."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return repr(one) == repr(other)
    if isinstance(one, dict | list):
        return one == other and canonical(one) == canonical(other)
    return bool(one == other)
