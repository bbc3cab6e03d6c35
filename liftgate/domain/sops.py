"""The keyless gate: what is wrong with a file under SOPS, as far as one sees it without any key.

It stands before every decryption: sops itself would send the caller's credentials to an address it reads in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from liftgate.domain.pointer import escape
from liftgate.domain.secret import is_reference, is_sealed
from liftgate.domain.sops_command import convert_command, encrypt_command, set_command, update_keys_command
from liftgate.domain.sops_config import FILE, PLAIN_SUFFIX, SELECTORS, CreationRule, Selection, SopsConfig
from liftgate.domain.sops_metadata import BLOCK, REMOTE, Metadata, block_of, disguised, read
from liftgate.domain.strict_json import Document
from liftgate.domain.strict_json import read as read_json
from liftgate.domain.value import Json, Value
from liftgate.domain.verdict import Finding
from liftgate.errors import Refused

_BEGIN: Final = "ENC["
_RESTORE: Final = "Take the block from the last good commit."


class Sops(Value):
    """What the repository says about a file: `.sops.yaml`, and the same application's files elsewhere."""

    config: SopsConfig | None = None
    others: tuple[tuple[str, bytes], ...] = ()
    """(path, content) of the files whose ciphertext must not stand in this one."""


def gate(document: Document, path: str, sops: Sops) -> list[Finding]:
    """Everything at once; empty for a file that SOPS has nothing to do with."""
    value = document.value
    block = block_of(value)
    rule = sops.config.rule_for(path) if sops.config else None
    findings = [
        _finding(document, f"/{escape(name)}", "sops-metadata", f"sops takes {name!r} for its block.", fix="Rename it.")
        for name in disguised(value)
    ]
    if block is not None:
        metadata = read(block)
        findings += _unsound(document, metadata)
        findings += _against_rule(document, path, metadata, rule)
    if block is not None or rule is not None:
        selection = rule.selection if rule else read(block).selection
        findings += _leaves(document, path, selection, encrypted=block is not None)
    return findings + list(_foreign(document, sops.others))


def check_editable(value: Json, path: str) -> None:
    """Raise Refused for a file whose MAC covers its plain values too: an edit without the key would break it."""
    block = block_of(value)
    if block is None or read(block).selection.mac_only_encrypted:
        return
    raise Refused(
        f"{path} is encrypted with a MAC over all of its values, so that any edit without its key breaks it; "
        f"set mac_only_encrypted: true in its rule of {FILE}, then whoever holds its key runs: {convert_command(path)}"
    )


def _unsound(document: Document, metadata: Metadata) -> Iterator[Finding]:
    for name in metadata.odd:
        yield _finding(
            document, f"/{BLOCK}", "sops-metadata", f"The sops block has {name!r}, which is none of sops' own names."
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
            fix = f"Encrypt it anew under the rule: {convert_command(path)}"
            yield _finding(document, f"/{BLOCK}", "sops-selection", message, fix=fix)


def _recipients(document: Document, path: str, metadata: Metadata, rule: CreationRule) -> Iterator[Finding]:
    fix = f"A key holder brings the file in line with: {update_keys_command(path)}"
    for each in sorted(metadata.recipients - rule.recipients, key=str):
        if each.kind in REMOTE:
            message = f"To decrypt it would send credentials to {each}, which {FILE} does not name."
            yield _finding(document, f"/{BLOCK}", "sops-address", message, fix=_RESTORE)
        else:
            message = f"{each} can decrypt it, but {FILE} does not say so."
            yield _finding(document, f"/{BLOCK}", "sops-recipient", message, fix=fix)
    for each in sorted(rule.recipients - metadata.recipients, key=str):
        message = f"{each} cannot decrypt it, though {FILE} says so."
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
            message = f"{pointer} must be encrypted, as {FILE} says, and is not."
            command = set_command(path, pointer, document.value) if encrypted else encrypt_command(path)
            yield _finding(document, pointer, "sops-coverage", message, fix=f"Whoever may see it runs: {command}")
        elif is_cipher and not (covered and encrypted):
            why = "the file has no sops block" if covered else "no rule covers it"
            message = f"{pointer} is ciphertext, but {why}: nobody could decrypt it."
            yield _finding(document, pointer, "sops-coverage", message, fix="Remove it, then set it with sops.")


def _is_settled(leaf: Json, *, encrypted: bool) -> bool:
    """Ciphertext, what sops leaves as it is, or (in a file sops has not touched) a reference to a secret store."""
    if leaf is None or leaf == "" or leaf in ({}, []):
        return True
    if not isinstance(leaf, str):
        return False
    return (leaf.startswith(_BEGIN) and is_sealed(leaf)) or (not encrypted and is_reference(leaf))


def _walk(value: Json) -> Iterator[tuple[tuple[str, ...], str, Json]]:
    """(keys above, pointer, leaf) of everything but the sops block; arrays add to the pointer only."""
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
    for _, pointer, leaf in _walk(document.value):
        if isinstance(leaf, str) and leaf in owners:
            message = f"{pointer} is the ciphertext of {owners[leaf]}: a secret is never copied between environments."
            yield _finding(document, pointer, "sops-foreign", message, fix="Set this environment's own with sops.")


@lru_cache(maxsize=256)
def _ciphertexts(data: bytes) -> frozenset[str]:
    leaves = (leaf for _, _, leaf in _walk(read_json(data).value))
    return frozenset(leaf for leaf in leaves if isinstance(leaf, str) and leaf.startswith(_BEGIN))


def _finding(document: Document, pointer: str, rule: str, message: str, *, fix: str = "") -> Finding:
    return Finding(place=document.place(pointer), rule=rule, message=message, fix=fix)
