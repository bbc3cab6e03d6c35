"""`.sops.yaml`: who may decrypt which file, and which values must be ciphertext (getsops.io/docs)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from liftgate.domain.common.value import Json, Value
from liftgate.errors import Misconfigured

FILE: Final = ".sops.yaml"
PLAIN_SUFFIX: Final = "_unencrypted"
"""The suffix of values that sops leaves plain if a rule does not say which values it encrypts."""
SELECTORS: Final = ("encrypted_regex", "unencrypted_regex", "encrypted_suffix", "unencrypted_suffix")
_COMMENTS: Final = ("encrypted_comment_regex", "unencrypted_comment_regex")
_KINDS: Final = {
    "age": "age",
    "pgp": "pgp",
    "kms": "kms",
    "gcp_kms": "gcp_kms",
    "hckms": "hckms",
    "azure_keyvault": "azure_kv",
    "hc_vault_transit_uri": "hc_vault",
    "vault": "hc_vault",
}
"""Key in a rule -> name of the same kind in a file's metadata."""


class Recipient(Value):
    """`kind` as files name it (age, pgp, kms, …); `identity` is a public key, or the address of a key."""

    kind: str
    identity: str

    def __str__(self) -> str:
        return f"{self.kind} {self.identity}"


class Selection(Value):
    """Which values of a file are ciphertext, by their keys."""

    encrypted_regex: str = ""
    unencrypted_regex: str = ""
    encrypted_suffix: str = ""
    unencrypted_suffix: str = ""
    mac_only_encrypted: bool = False

    def covers(self, keys: tuple[str, ...]) -> bool:
        """Whether sops encrypts the values below these keys; array indices do not count."""
        if self.encrypted_regex:
            return any(self._encrypted.search(key) for key in keys)
        if self.unencrypted_regex:
            return not any(self._unencrypted.search(key) for key in keys)
        if self.encrypted_suffix:
            return any(key.endswith(self.encrypted_suffix) for key in keys)
        return not any(key.endswith(self.unencrypted_suffix or PLAIN_SUFFIX) for key in keys)

    @cached_property
    def _encrypted(self) -> re.Pattern[str]:
        return compiled(self.encrypted_regex)

    @cached_property
    def _unencrypted(self) -> re.Pattern[str]:
        return compiled(self.unencrypted_regex)


class CreationRule(Value):
    path_regex: str = ""
    """Regular expression for the path; empty: every file."""
    recipients: frozenset[Recipient] = frozenset()
    selection: Selection = Selection()


class SopsConfig(Value):
    rules: tuple[CreationRule, ...] = ()

    def rule_for(self, path: str) -> CreationRule | None:
        """The first matching rule, as in sops."""
        return next((rule for rule in self.rules if compiled(rule.path_regex).search(path)), None)


def read_sops_config(value: Json) -> SopsConfig:
    """Reads the parsed file; raises Misconfigured with the place of the mistake."""
    listed = value.get("creation_rules") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        raise Misconfigured(f"{FILE}: creation_rules must be a list of rules")
    return SopsConfig(rules=tuple(_rule(raw, f"creation_rules.{at}") for at, raw in enumerate(listed)))


def compiled(regex: str) -> re.Pattern[str]:
    try:
        return re.compile(regex)
    except re.error as error:
        raise Misconfigured(f"{FILE}: {regex!r} is not a regular expression: {error}") from None


def _rule(raw: Json, place: str) -> CreationRule:
    if not isinstance(raw, dict):
        raise Misconfigured(f"{FILE}: {place} must be an object")
    if odd := [key for key in _COMMENTS if raw.get(key)]:
        raise Misconfigured(f"{FILE}: {place}.{odd[0]}: JSON has no comments; name the keys with encrypted_regex")
    chosen = {name: _text(raw.get(name), f"{place}.{name}") for name in SELECTORS}
    if sum(map(bool, chosen.values())) > 1:
        raise Misconfigured(f"{FILE}: {place} must have only one of {', '.join(SELECTORS)}")
    for name in ("encrypted_regex", "unencrypted_regex"):
        compiled(chosen[name])
    path = _text(raw.get("path_regex"), f"{place}.path_regex")
    compiled(path)
    selection = Selection(mac_only_encrypted=raw.get("mac_only_encrypted") is True, **chosen)
    return CreationRule(path_regex=path, recipients=frozenset(_recipients(raw, 0)), selection=selection)


def _text(value: Json, place: str) -> str:
    if value is not None and not isinstance(value, str):
        raise Misconfigured(f"{FILE}: {place} must be text")
    return value or ""


def _recipients(group: Json, depth: int) -> Iterator[Recipient]:
    """The recipients of a rule or a key group, nested groups included."""
    if not isinstance(group, dict) or depth > 5:
        return
    for key, kind in _KINDS.items():
        for identity in _identities(group.get(key)):
            yield Recipient(kind=kind, identity=identity)
    for key in ("key_groups", "merge"):
        below = group.get(key)
        for each in below if isinstance(below, list) else []:
            yield from _recipients(each, depth + 1)


def _identities(written: Json) -> Iterator[str]:
    """A text with commas, a list of texts, or a list of objects as key groups have them."""
    for each in written if isinstance(written, list) else [written]:
        if isinstance(each, str):
            yield from (identity(part) for part in re.split(r"[,\s]+", each) if part)
        elif isinstance(each, dict):
            yield identity(address(each))


def address(key: dict[str, Json]) -> str:
    """One key of a key group or of a file's metadata, written as `.sops.yaml` writes it in a line."""

    def said(*names: str) -> str:
        return next((str(key[name]) for name in names if key.get(name)), "")

    if arn := said("arn"):
        return f"{arn}+{said('role')}" if said("role") else arn
    if vault := said("vault_address"):
        return f"{vault.rstrip('/')}/v1/{said('engine_path')}/keys/{said('key_name')}"
    if azure := said("vault_url", "vaultUrl"):
        return f"{azure.rstrip('/')}/keys/{said('name', 'key')}/{said('version')}"
    return said("recipient", "fp", "resource_id", "key_id")


def identity(text: str) -> str:
    """Without an Azure key's version and a final slash, which do not change the address of the key."""
    text = text.rstrip("/")
    azure = re.fullmatch(r"(https?://.+/keys/[^/]+)/[^/]+", text)
    return azure[1] if azure and "/v1/" not in text else text
