"""Secrets by their form (ciphertext, references to a secret store), and the mask that people see instead."""

from __future__ import annotations

import json
import re
from typing import Final, Literal

from liftgate.domain.common.value import Json, Value
from liftgate.domain.common.verdict import Finding
from liftgate.domain.secrets.secret_heuristics import secret_heuristics

Owner = Literal["promote", "own", "secret"]
HIDDEN: Final = "••••••"

_CIPHERTEXT = re.compile(r"\s*(?:ENC\[|vault:v[0-9]+:|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE)-----)")
_REFERENCE = re.compile(
    r"\s*(?:>>\s*)?vault:(?!v?[0-9]+(?::|/|$))|\$\{\s*(?:>>)?vault:|<path:|(?:secret)?ref\+[a-z]",
    re.IGNORECASE,
)
# Every value is tested, so one cheap test comes before the exact ones.
_PERHAPS = re.compile(
    r"\s*(?:ENC\[|-----BEGIN|>>|vault:|(?:secret)?ref\+)|[^<$]*+(?:(?:<(?!path:)|\$(?!\{))[^<$]*+)*(?:<path:|\$\{)",
    re.IGNORECASE,
)
# Every repetition is bounded: no text makes a search quadratic.
_VERSION = r"(?:#(?P<version>[1-9][0-9]{0,9}))?"
_BANK = re.compile(
    r"(?:>>)?vault:(?P<mount>[^#\s/]{1,100})/data/(?P<path>[^#\s{}]{1,500})#(?P<key>[^#\s{}]{1,200})" + _VERSION
)
_ARGO = re.compile(
    r"<path:(?P<mount>[^#\s/<>]{1,100})/data/(?P<path>[^#\s<>]{1,500})#(?P<key>[^#\s<>|]{1,200})"
    + _VERSION
    + r"(?:\s{0,9}\|[^<>]{0,200})?>"
)
_VALS = re.compile(
    r"(?:secret)?ref\+vault://(?P<mount>[^#?\s/]{1,100})/(?P<path>[^#?\s]{1,500})"
    r"(?:\?version=(?P<version>[1-9][0-9]{0,9}))?#/?(?P<key>[^#?\s+]{1,200})\+?"
)
_SPELLINGS: Final = (_BANK, _ARGO, _VALS)
_SEALED = re.compile(r"ENC\[[A-Z0-9_]+,data:[A-Za-z0-9+/=]*,iv:[A-Za-z0-9+/=]+,tag:[A-Za-z0-9+/=]+,type:[a-z]+\]")


class Reference(Value):
    """A key of a secret in a KV version 2 store; `str()` is the canonical spelling."""

    mount: str
    path: str
    key: str
    version: int | None = None

    def __str__(self) -> str:
        return f"vault:{self.mount}/data/{self.path}#{self.key}" + (f"#{self.version}" if self.version else "")


def is_ciphertext(text: str) -> bool:
    return _CIPHERTEXT.match(text) is not None


def is_reference(text: str) -> bool:
    """Whether the text looks like a reference; `parse_reference` says whether it is well-formed."""
    return _REFERENCE.match(text) is not None or (
        ("<path:" in text or "${" in text) and _REFERENCE.search(text) is not None
    )


def parse_reference(text: str) -> Reference | Finding:
    """The first reference in the text, in one of three notations; the caller sets the Finding's place."""
    for spelling in _SPELLINGS:
        found = spelling.search(text)
        whole = spelling is _ARGO or "${" in text or (found is not None and found.group() == text.strip())
        if found and whole:
            version = int(found["version"]) if found["version"] else None
            return Reference(mount=found["mount"], path=found["path"], key=found["key"], version=version)
    return Finding(
        place="",
        rule="reference-form",
        message="This looks like a reference to a secret store, but is not valid.",
        fix="Write vault:MOUNT/data/PATH#KEY, with #VERSION after it to pin a version.",
    )


def is_sealed(text: str) -> bool:
    """Whether the whole text is ciphertext: a text that only starts like SOPS' form could hide plain text."""
    return not text.lstrip().startswith("ENC[") or _SEALED.fullmatch(text) is not None


def beside_references(text: str) -> str:
    """The text without its references: the rest of a connection string could be a plain secret."""
    for spelling in _SPELLINGS:
        text = spelling.sub("${reference}", text)
    return text


def contains_secret(value: Json) -> bool:
    """Whether the value contains ciphertext or a reference."""
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            if _PERHAPS.match(each) and (is_ciphertext(each) or is_reference(each)):
                return True
        elif isinstance(each, dict):
            todo.extend(each.values())
        elif isinstance(each, list):
            todo.extend(each)
    return False


def mask(value: Json, pointer: str, owner: str) -> str:
    """The value, safe to show, on one line: without secrets, by owner, key name or form."""
    if owner == "secret":
        return masked_secret(value)
    return json.dumps(_masked(value, pointer.rsplit("/", 1)[-1]), ensure_ascii=False, sort_keys=True)


def masked_secret(value: Json) -> str:
    """The visible part of a secret: at most that it is encrypted, or a reference."""
    if isinstance(value, str) and is_ciphertext(value):
        return "ENC[…]"
    if isinstance(value, str) and is_reference(value):
        return "reference …"
    return HIDDEN


def _masked(value: Json, key: str) -> Json:
    if isinstance(value, dict):
        return {_masked_key(name): _masked(below, name) for name, below in value.items()}
    if isinstance(value, list):
        return [_masked(below, key) for below in value]
    if isinstance(value, str) and (is_ciphertext(value) or is_reference(value)):
        return masked_secret(value)
    return HIDDEN if secret_heuristics(key, value) else value


def _masked_key(name: str) -> str:
    """A secret may stand where a key should."""
    return HIDDEN if secret_heuristics("", name) else name
