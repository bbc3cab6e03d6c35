"""Hides the secrets of manifests before they are compared.

Hidden values and texts with more than one value become marked strings, which still show whether they differ.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Final

from liftgate.domain.argocd.manifest import LAST_APPLIED
from liftgate.domain.common.canonical import canonical
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.domain.secrets.masking import readable
from liftgate.domain.secrets.secret import HIDDEN, is_ciphertext, is_reference
from liftgate.domain.secrets.secret_heuristics import secret_heuristics

_OPEN: Final = frozenset({"apiVersion", "kind", "type"})
_OPEN_METADATA: Final = frozenset({"name", "namespace", "labels"})
"""The parts of a Secret that are not secret."""
_MARK: Final = "\x00"
_KNOWN_FROM: Final = 8
"""A Secret's value of at least this length is hidden everywhere; a shorter one is too often a usual word."""
_NESTED: Final = 100


class Redactor:
    def __init__(self, manifests: Iterable[Json]) -> None:
        found = (text.strip() for manifest in manifests if is_secret(manifest) for text in _values(manifest))
        self._known = {text for text in found if len(text) >= _KNOWN_FROM and len(set(text)) > 1}

    def over(self, manifest: Json) -> Json:
        if not is_secret(manifest):
            return self._veiled(manifest, ())
        return {key: self._of_secret(key, below) for key, below in manifest.items()}

    def _of_secret(self, key: str, value: Json) -> Json:
        if key in _OPEN:
            return self._veiled(value, (key,))
        if key != "metadata" or not isinstance(value, dict):
            return _all_hidden(value)
        return {
            name: self._veiled(below, (name,)) if name in _OPEN_METADATA else _all_hidden(below)
            for name, below in value.items()
        }

    def _veiled(self, value: Json, names: tuple[str, ...]) -> Json:
        """`names` are the possible names of a value: an entry of `env` has its name beside it."""
        if isinstance(value, dict):
            beside = tuple(str(value[key]) for key in ("name", "key") if isinstance(value.get(key), str))
            return {
                key: self._veiled(below, (key, *beside) if key == "value" else (key,)) for key, below in value.items()
            }
        if isinstance(value, list):
            return [self._veiled(below, names) for below in value]
        return self._text(value, names) if isinstance(value, str) else self._number(value, names)

    def _number(self, value: Json, names: tuple[str, ...]) -> Json:
        is_bad = any(secret_heuristics(name, value) for name in names) or self._holds(json.dumps(value))
        return _hidden(value) if is_bad else value

    def _text(self, text: str, names: tuple[str, ...]) -> str:
        inner = _container(text)
        if inner is not None and LAST_APPLIED not in names:
            written = json.dumps(self._veiled(inner, names), ensure_ascii=False, sort_keys=True)
            return _hidden(text) if self._holds(written) else _marked("json", text, written)
        if self._is_bad(text, names):
            return _hidden(text)
        if "\n" in text.strip():
            return _marked("text", text, "\n".join(readable(line) for line in text.splitlines()))
        return text

    def _is_bad(self, text: str, names: tuple[str, ...]) -> bool:
        if text.startswith(_MARK) or LAST_APPLIED in names or is_ciphertext(text) or is_reference(text):
            return True
        return self._holds(text) or any(secret_heuristics(name, text) for name in (*names, ""))

    def _holds(self, text: str) -> bool:
        return any(known in text for known in self._known)


def is_secret(manifest: Json) -> bool:
    return isinstance(manifest, dict) and manifest.get("kind") == "Secret"


def shown(value: Json) -> str:
    """A redacted value on one line of JSON."""
    return json.dumps(_unmarked(value), ensure_ascii=False, sort_keys=True)


def inner(one: Json, other: Json) -> tuple[Json, Json] | None:
    """The JSON values of both texts, if both are JSON."""
    both = [_part(each, "json") for each in (one, other)]
    return None if None in both else (json.loads(both[0] or ""), json.loads(both[1] or ""))


def lines(one: Json, other: Json) -> tuple[list[str], list[str]] | None:
    """The lines of both texts, if both have several."""
    both = [_part(each, "text") for each in (one, other)]
    return None if None in both else ((both[0] or "").split("\n"), (both[1] or "").split("\n"))


def _unmarked(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _unmarked(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_unmarked(below) for below in value]
    if not isinstance(value, str) or not value.startswith(_MARK):
        return value
    _, kind, _, text = value.split(_MARK, 3)
    return _unmarked(json.loads(text)) if kind == "json" else text


def _part(value: Json, kind: str) -> str | None:
    start = f"{_MARK}{kind}{_MARK}"
    return value.split(_MARK, 3)[3] if isinstance(value, str) and value.startswith(start) else None


def _marked(kind: str, original: Json, text: str) -> str:
    return f"{_MARK}{kind}{_MARK}{hashlib.sha256(canonical(original)).hexdigest()}{_MARK}{text}"


def _hidden(value: Json) -> str:
    return _marked("hidden", value, HIDDEN)


def _all_hidden(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _all_hidden(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_all_hidden(below) for below in value]
    return _hidden(value)


def _container(text: str) -> Json:
    """The object or array that the text is as JSON, or None; too deeply nested JSON stays a text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        found = loads(text)
    except UnreadableJson:
        return None
    return found if _depth(found) < _NESTED else None


def _depth(value: Json) -> int:
    deepest, todo = 0, [(1, value)]
    while todo:
        depth, each = todo.pop()
        deepest = max(deepest, depth)
        below = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        todo += [(depth + 1, one) for one in below]
    return deepest


def _values(secret: Json) -> Iterator[str]:
    for part in ("data", "stringData"):
        held = secret.get(part)
        for text in held.values() if isinstance(held, dict) else ():
            if isinstance(text, str):
                yield text
                yield _decoded(text)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
