"""The `sops` block of a file: who can decrypt it, and which members sops reads differently than people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from liftgate.domain.common.value import Json, Value
from liftgate.domain.secrets.sops_config import SELECTORS, Recipient, Selection, address, identity

BLOCK: Final = "sops"
_COMMON: Final = frozenset(("created_at", "enc"))
_KEYS: Final[dict[str, frozenset[str]]] = {
    "age": frozenset(("recipient", "enc")),
    "pgp": _COMMON | {"fp"},
    "kms": _COMMON | {"arn", "role", "context", "aws_profile"},
    "gcp_kms": _COMMON | {"resource_id"},
    "hckms": _COMMON | {"key_id"},
    "azure_kv": _COMMON | {"vault_url", "name", "version"},
    "hc_vault": _COMMON | {"vault_address", "engine_path", "key_name"},
}
REMOTE: Final = frozenset(_KEYS) - {"age", "pgp"}
"""Kinds whose decryption sends the caller's credentials to an address."""
_OTHER: Final = frozenset((*SELECTORS, "lastmodified", "mac", "version", "mac_only_encrypted", "shamir_threshold"))
_GROUPS: Final = "key_groups"


class Metadata(Value):
    recipients: frozenset[Recipient]
    selection: Selection
    odd: tuple[str, ...] = ()
    """Names of members that sops may read as others, or does not know."""
    complete: bool = True
    """Whether there is a MAC, a date and at least one recipient."""


def block_of(value: Json) -> Json:
    """The `sops` member, or None."""
    return value.get(BLOCK) if isinstance(value, dict) else None


def disguised(value: Json) -> list[str]:
    """Members that sops reads as its block despite another spelling: it ignores upper and lower case."""
    members = value if isinstance(value, dict) else {}
    return [key for key in members if key != BLOCK and key.casefold() == BLOCK]


def read_sops_metadata(block: Json) -> Metadata:
    """Reads any content: an unknown part is odd, and never ignored."""
    if not isinstance(block, dict):
        return Metadata(recipients=frozenset(), selection=Selection(), odd=(BLOCK,), complete=False)
    groups = block.get(_GROUPS, [])
    listed = [block, *(each for each in (groups if isinstance(groups, list) else []) if isinstance(each, dict))]
    recipients = frozenset(each for group in listed for each in _recipients(group))
    chosen = {name: block[name] for name in SELECTORS if isinstance(block.get(name), str)}
    return Metadata(
        recipients=recipients,
        selection=Selection(mac_only_encrypted=block.get("mac_only_encrypted") is True, **chosen),
        odd=tuple(sorted(set(_odd(block, listed)))),
        complete=bool(recipients) and all(isinstance(block.get(name), str) for name in ("mac", "lastmodified")),
    )


def _recipients(group: dict[str, Json]) -> Iterator[Recipient]:
    for kind in _KEYS:
        for key in _entries(group, kind):
            yield Recipient(kind=kind, identity=identity(address(key)))


def _entries(group: dict[str, Json], kind: str) -> list[dict[str, Json]]:
    listed = group.get(kind)
    return [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []


def _odd(block: dict[str, Json], groups: list[dict[str, Json]]) -> Iterator[str]:
    """Exact names only: sops (Go) also accepts `Vault_Address` for `vault_address`."""
    known = {*_KEYS, *_OTHER, _GROUPS}
    yield from (name for name in block if name not in known)
    yield from (name for group in groups[1:] for name in group if name not in _KEYS)
    for group in groups:
        for kind, names in _KEYS.items():
            if group.get(kind) is not None and not isinstance(group[kind], list):
                yield kind
            yield from (f"{kind}.{name}" for key in _entries(group, kind) for name in key if name not in names)
    if not isinstance(block.get(_GROUPS, []), list):
        yield _GROUPS
