"""What the form of a value and its key say about its owner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from liftgate.domain.adoption.environment_names import environments_named, without_environments
from liftgate.domain.adoption.evidence import Clue
from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import leaves
from liftgate.domain.secrets.secret import contains_secret
from liftgate.domain.secrets.secret_heuristics import secret_heuristics

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_VERSION_KEYS: Final = frozenset(
    ("version", "tag", "digest", "sha", "revision", "commit", "release", "build", "checksum")
)
_SEMVER: Final = re.compile(r"v?\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][0-9A-Za-z.+-]{1,100})?")
_DIGEST: Final = re.compile(r"(?:sha256:)?[0-9a-f]{64}|[0-9a-f]{40}")
_IMAGE: Final = re.compile(r"[a-z0-9][a-z0-9./_:-]{0,200}(?:@sha256:[0-9a-f]{64}|:v?\d[\w.+-]{0,100})")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]{1,30}://\S+", re.IGNORECASE)
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}\.?(?::\d{1,5})?(?:/\S*)?")
_ADDRESS: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?")
_SILENT: Final = (bool, float, type(None))
"""Types whose values say nothing about their owner."""
_FILE: Final = re.compile(r"[\w./-]+\.(?:json|ya?ml|txt|html?|js|css|png|pem|crt|conf|log|xml|md)", re.IGNORECASE)


_REMEMBERED: Final = 200
"""The longest text that is remembered, in characters."""


def clue(key: str, values: Sequence[tuple[int, Json]]) -> Clue | None:
    """What the values of one pointer say, each with the rank of its environment; None if nothing."""
    found = [value for _, value in values]
    if all(isinstance(value, _SILENT) for value in found) or any(contains_secret(value) for value in found):
        return None
    if any(_looks_secret(key, value) for value in found):
        return Clue(owner="secret", reason="values that look like secrets")
    differ = any(not same(found[0], other) for other in found[1:])
    texts = [(rank, _texts(value)) for rank, value in values]
    if differ and _name_their_environment(texts):
        return Clue(owner="own", reason="names of environments that differ")
    if _is_version(key, found):
        return Clue(owner="promote", reason="versions and digests")
    if differ and all(_are_addresses(each) for _, each in texts):
        return Clue(owner="own", reason="URLs and hosts that differ")
    return None


def _looks_secret(key: str, value: Json) -> bool:
    if isinstance(value, str) and len(value) <= _REMEMBERED:
        return _is_secret_text(key, value)
    return any(secret_heuristics(at.rsplit("/", 1)[-1] or key, leaf) for at, leaf in leaves(value, arrays=True))


@lru_cache(maxsize=8192)
def _is_secret_text(key: str, text: str) -> bool:
    """The rules are learned twice, once from the older part of the history, and many values stay the same."""
    return secret_heuristics(key, text) is not None


def _texts(value: Json) -> list[str]:
    return [leaf for _, leaf in leaves(value, arrays=True) if isinstance(leaf, str)]


def _is_version(key: str, values: Sequence[Json]) -> bool:
    words = [word.lower() for word in _WORD.findall(key)]
    plain = [value for value in values if isinstance(value, str | int) and not isinstance(value, bool) and value != ""]
    if not plain:
        return False
    if words[-1:] and words[-1] in _VERSION_KEYS:
        return True
    return all(
        isinstance(value, str) and any(form.fullmatch(value) for form in (_SEMVER, _DIGEST, _IMAGE)) for value in plain
    )


def _are_addresses(texts: list[str]) -> bool:
    forms = (_URL, _HOST, _ADDRESS)
    return bool(texts) and all(
        any(form.fullmatch(text) for form in forms) and not _FILE.fullmatch(text) for text in texts
    )


def _name_their_environment(texts: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether two environments have values that name them, or the values differ in an environment's name only."""
    named = [(rank, frozenset[int]().union(*map(environments_named, found))) for rank, found in texts]
    own = [rank for rank, ranks in named if rank in ranks]
    if len(own) > 1 and all(ranks <= {rank} for rank, ranks in named):
        return True
    return bool(own) and len({tuple(map(without_environments, found)) for _, found in texts}) == 1
