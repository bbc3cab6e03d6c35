"""Checks a SOPS file without any key.

The check comes before every decryption: sops sends the caller's credentials to an address that it reads in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from liftgate.domain.common.value import Json, Value
from liftgate.domain.common.verdict import Finding
from liftgate.domain.json_text.pointer import escape
from liftgate.domain.json_text.strict import Document, read_json
from liftgate.domain.secrets.secret import is_reference, is_sealed
from liftgate.domain.secrets.sops_command import convert_command, encrypt_command, set_command, update_keys_command
from liftgate.domain.secrets.sops_config import FILE, PLAIN_SUFFIX, SELECTORS, CreationRule, Selection, SopsConfig
from liftgate.domain.secrets.sops_metadata import BLOCK, REMOTE, Metadata, block_of, disguised, read_sops_metadata
from liftgate.errors import Refused

_BEGIN: Final = "ENC["
_RESTORE: Final = "Take the block from the last good commit."


class Sops(Value):
    """What the repository says about a file: `.sops.yaml`, and the application's files in other environments."""

    config: SopsConfig | None = None
    others: tuple[tuple[str, bytes], ...] = ()
    """(path, content) of the files whose ciphertext must not be in this one."""


def sops_gate(document: Document, path: str, sops: Sops) -> list[Finding]:
    """All findings; empty for a file without SOPS."""
    value = document.value
    block = block_of(value)
    rule = sops.config.rule_for(path) if sops.config else None
    findings = [
        _finding(document, f"/{escape(name)}", "sops-metadata", f"sops reads {name!r} as its block.", fix="Rename it.")
        for name in disguised(value)
    ]
    if block is not None:
        metadata = read_sops_metadata(block)
        findings += _unsound(document, metadata)
        findings += _against_rule(document, path, metadata, rule)
    if block is not None or rule is not None:
        selection = rule.selection if rule else read_sops_metadata(block).selection
        findings += _leaves(document, path, selection, encrypted=block is not None)
    return findings + list(_foreign(document, sops.others))


def check_editable(value: Json, path: str) -> None:
    """Raise Refused for a file whose MAC covers its plain values too: an edit without the key would break it."""
    block = block_of(value)
    if block is None or read_sops_metadata(block).selection.mac_only_encrypted:
        return
    raise Refused(
        f"{path} is encrypted with a MAC over all of its values, so that any edit without its key breaks it; "
        f"set mac_only_encrypted: true in its rule of {FILE}, then a person with its key runs: {convert_command(path)}"
    )


def _unsound(document: Document, metadata: Metadata) -> Iterator[Finding]:
    for name in metadata.odd:
        yield _finding(
            document, f"/{BLOCK}", "sops-metadata", f"The sops block has {name!r}, which is not one of sops' own names."
        )
    if not metadata.complete:
        message = "The sops block lacks its MAC, its date or its recipients."
        yield _finding(document, f"/{BLOCK}", "sops-metadata", message, fix=_RESTORE)


def _against_rule(document: Document, path: str, metadata: Metadata, rule: CreationRule | None) -> Iterator[Finding]:
    if rule is None:
        message = f"The file is encrypted, but no rule of {FILE} says who may decrypt it."
        yield _finding(document, f"/{BLOCK}", "sops-rule", message, fix=f"Add a creation rule for {path} to {FILE}.")
        return
    yield from _recipients(document, path, metadata, rule)
    wanted, found = _flags(rule.selection), _flags(metadata.selection)
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            message = f"{name} is not what {FILE} says: the file has {found.get(name)!r}, not {wanted.get(name)!r}."
            fix = f"Encrypt it again under the rule: {convert_command(path)}"
            yield _finding(document, f"/{BLOCK}", "sops-selection", message, fix=fix)


def _recipients(document: Document, path: str, metadata: Metadata, rule: CreationRule) -> Iterator[Finding]:
    fix = f"A person with the key runs: {update_keys_command(path)}"
    for each in sorted(metadata.recipients - rule.recipients, key=str):
        if each.kind in REMOTE:
            message = f"Decryption would send credentials to {each}, which {FILE} does not name."
            yield _finding(document, f"/{BLOCK}", "sops-address", message, fix=_RESTORE)
        else:
            message = f"{each} can decrypt it, but {FILE} does not allow that."
            yield _finding(document, f"/{BLOCK}", "sops-recipient", message, fix=fix)
    for each in sorted(rule.recipients - metadata.recipients, key=str):
        message = f"{each} cannot decrypt it, but {FILE} allows it."
        yield _finding(document, f"/{BLOCK}", "sops-recipient", message, fix=fix)


def _flags(selection: Selection) -> dict[str, str | bool]:
    flags: dict[str, str | bool] = {name: getattr(selection, name) for name in SELECTORS if getattr(selection, name)}
    if not flags:
        flags["unencrypted_suffix"] = PLAIN_SUFFIX
    return flags | {"mac_only_encrypted": selection.mac_only_encrypted}


def _leaves(document: Document, path: str, selection: Selection, *, encrypted: bool) -> Iterator[Finding]:
    for keys, pointer, leaf in _walk(document.value):
        covered = selection.covers(keys)
        is_cipher = isinstance(leaf, str) and leaf.startswith(_BEGIN)
        if covered and not _is_settled(leaf, encrypted=encrypted):
            message = f"{pointer} is not encrypted, but {FILE} requires it."
            command = set_command(path, pointer, document.value) if encrypted else encrypt_command(path)
            yield _finding(document, pointer, "sops-coverage", message, fix=f"A person who may see it runs: {command}")
        elif is_cipher and not (covered and encrypted):
            why = "the file has no sops block" if covered else "no rule covers it"
            message = f"{pointer} is ciphertext, but {why}: it cannot be decrypted."
            yield _finding(document, pointer, "sops-coverage", message, fix="Remove it, then set it with sops.")


def _is_settled(leaf: Json, *, encrypted: bool) -> bool:
    """Ciphertext, a value that sops does not encrypt, or (in a file without sops) a reference to a secret store."""
    if leaf is None or leaf == "" or leaf in ({}, []):
        return True
    if not isinstance(leaf, str):
        return False
    return (leaf.startswith(_BEGIN) and is_sealed(leaf)) or (not encrypted and is_reference(leaf))


def _walk(value: Json) -> Iterator[tuple[tuple[str, ...], str, Json]]:
    """(keys above, pointer, leaf) of everything but the sops block; array indices are only in the pointer."""
    todo: list[tuple[tuple[str, ...], str, Json]] = [((), "", value)]
    while todo:
        keys, pointer, each = todo.pop()
        if isinstance(each, dict) and each:
            members = [name for name in each if pointer or name != BLOCK]
            todo.extend(((*keys, name), f"{pointer}/{escape(name)}", each[name]) for name in reversed(members))
        elif isinstance(each, list) and each:
            todo.extend((keys, f"{pointer}/{at}", each[at]) for at in reversed(range(len(each))))
        else:
            yield keys, pointer, each


def _foreign(document: Document, others: tuple[tuple[str, bytes], ...]) -> Iterator[Finding]:
    owners = {text: path for path, data in others for text in _ciphertexts(data)}
    for _, pointer, leaf in _walk(document.value) if owners else ():
        if isinstance(leaf, str) and leaf in owners:
            message = f"{pointer} is the ciphertext of {owners[leaf]}: a secret is never copied between environments."
            yield _finding(document, pointer, "sops-foreign", message, fix="Set this environment's own one with sops.")


@lru_cache(maxsize=256)
def _ciphertexts(data: bytes) -> frozenset[str]:
    leaves = (leaf for _, _, leaf in _walk(read_json(data).value))
    return frozenset(leaf for leaf in leaves if isinstance(leaf, str) and leaf.startswith(_BEGIN))


def _finding(document: Document, pointer: str, rule: str, message: str, *, fix: str = "") -> Finding:
    return Finding(place=document.place(pointer), rule=rule, message=message, fix=fix, pointer=pointer)
