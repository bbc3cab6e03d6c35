"""Signed files of the ledger: each content is checked once for each set of keys, and the index keeps what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.commits.signed_value import SignedValue
from liftgate.domain.json_text.bounded_json import UnreadableJson
from liftgate.domain.ledger import ledger
from liftgate.integrations.git.repository import Repository

Parsed: TypeAlias = SignedValue | str | None
"""A text says why the file cannot be read; None is for one that no key signed which was allowed to."""
_NONE: Final = b"-"
_UNREAD: Final = b"?"
_KEPT: Final = 100_000
"""Files that one process remembers."""
_remembered: dict[tuple[str, str], tuple[Parsed]] = {}


class Kinds(NamedTuple):
    """What the files below a folder of the ledger may be, and for what their signatures must be made."""

    namespace: str
    models: tuple[type[SignedValue], ...]


def read_signed_files(
    repository: Repository, tip: str, under: str, signers: tuple[Signer, ...], kinds: Kinds
) -> list[tuple[str, Parsed]]:
    """Path of each file of the ledger below the folder, and what it says; nothing where there is no tip.

    Raises Unavailable.
    """
    listed = repository.paths(tip, under) if tip else []
    known = read_signed_blobs(repository, (blob for _, blob in listed), signers, kinds)
    return [(path, known[blob]) for path, blob in listed]


def read_signed_blobs(
    repository: Repository, ids: Iterable[str], signers: tuple[Signer, ...], kinds: Kinds
) -> dict[str, Parsed]:
    """What each of the contents says: only those that were never checked under these keys are read.

    Raises Unavailable.
    """
    keys, blobs = keys_name(kinds, signers), list(dict.fromkeys(ids))
    known = {blob: there[0] for blob in blobs if (there := _remembered.get((keys, blob)))}
    new = [blob for blob in blobs if blob not in known]
    found = _from_index(repository, keys, new, kinds)
    unknown = [blob for blob in new if blob not in found]
    read = {blob: _checked(data, signers, kinds) for blob, data in zip(unknown, repository.blobs(unknown), strict=True)}
    repository.index.keep(keys, _as_facts(read, kinds))
    if len(_remembered) > _KEPT:
        _remembered.clear()
    _remembered.update({(keys, blob): (parsed,) for blob, parsed in (found | read).items()})
    return known | found | read


@lru_cache(maxsize=64)
def keys_name(kinds: Kinds, signers: tuple[Signer, ...]) -> str:
    """Of the facts that follow from these keys, as this version of Liftgate reads them."""
    return f"{kinds.namespace} {hashlib.sha256(repr((fields_of(kinds), signers)).encode()).hexdigest()}"


@cache
def fields_of(kinds: Kinds) -> list[dict[str, Any]]:
    """JSON Schema of each model; slow."""
    return [model.model_json_schema() for model in kinds.models]


def _checked(data: bytes, signers: tuple[Signer, ...], kinds: Kinds) -> Parsed:
    try:
        found = (ledger.read_signed(data, signers, model, kinds.namespace) for model in kinds.models)
        return next(filter(None, found), None)
    except UnreadableJson as error:
        return str(error)


def _from_index(repository: Repository, keys: str, blobs: Sequence[str], kinds: Kinds) -> dict[str, Parsed]:
    return {blob: _read(fact, kinds) for blob, fact in repository.index.known(keys, blobs).items()}


def _as_facts(read: Mapping[str, Parsed], kinds: Kinds) -> dict[str, bytes]:
    """Those that will be read back as they are."""
    facts = {blob: _fact(parsed, kinds) for blob, parsed in read.items()}
    return {blob: fact for blob, fact in facts.items() if _read(fact, kinds) == read[blob]}


def _fact(parsed: Parsed, kinds: Kinds) -> bytes:
    if isinstance(parsed, SignedValue):
        return b"%d%s" % (kinds.models.index(type(parsed)), parsed.model_dump_json().encode())
    return _NONE if parsed is None else _UNREAD + parsed.encode()


def _read(fact: bytes, kinds: Kinds) -> Parsed:
    kind, said = fact[:1], fact[1:]
    if kind == _UNREAD:
        return said.decode()
    return None if kind == _NONE else kinds.models[int(kind)].model_validate_json(said)
