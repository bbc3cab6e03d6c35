"""The step `security-scan`: no secret stands in the values in plain text, and SOPS' ciphertext is as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Finding, Verdict, failed, passed
from liftgate.domain.json_text.pointer import split
from liftgate.domain.json_text.strict import Document
from liftgate.domain.planning.rules import is_metadata
from liftgate.domain.secrets.secret import beside_references, is_ciphertext, is_reference, is_sealed, parse_reference
from liftgate.domain.secrets.secret_forms import made_by
from liftgate.domain.secrets.secret_heuristics import secret_heuristics
from liftgate.domain.secrets.sops import sops_gate
from liftgate.steps.context import Context
from liftgate.steps.reading import lint, with_lint
from liftgate.steps.secret_names import Named, named
from liftgate.steps.secret_plugins import recognised

_FIX = "Encrypt it with sops or refer to a secret store; if it is none, allow it with a reason and a day."


_REMEMBERED: Final = 200
"""The longest text that is remembered, in characters."""


def run(context: Context) -> Verdict:
    document = context.document.mended
    return lint(context) if document is None else with_lint(context, judge(context, document))


def judge(context: Context, document: Document) -> Verdict:
    """Whether the document's value holds a secret."""
    perhaps = (each for each in named(document.value) if not _is_surely_plain(each))
    findings = [finding for each in perhaps for finding in _findings(context, each)]
    encrypted = sops_gate(document, context.path, context.sops)
    reasons = [*_plain(sum(finding.blocking for finding in findings)), *_encrypted(len(encrypted))]
    findings += encrypted
    if reasons:
        return failed(f"{context.path} {' and '.join(reasons)}", *findings)
    return passed(f"{context.path} has no secret in plain text", *findings)


def _plain(number: int) -> Iterator[str]:
    if number:
        yield f"seems to hold {'a secret' if number == 1 else f'{number} secrets'} in plain text"


def _encrypted(number: int) -> Iterator[str]:
    if number:
        yield f"is not encrypted as it must be in {number} place{'' if number == 1 else 's'}"


def reason(each: Named) -> str | None:
    """Why the value or its key looks like a secret in plain text; never repeats it."""
    if is_metadata(each.pointer):
        return made_by(each.value) if isinstance(each.value, str) else None
    if in_key := _in_key(each.pointer.rpartition("/")[2]):
        return f"{in_key} as a key"
    return _in_value(each.key, each.value)


def _is_surely_plain(each: Named) -> bool:
    """Whether the same name and value were looked at, and are no secret; False where that is not known."""
    if isinstance(each.value, list | dict) or (isinstance(each.value, str) and len(each.value) > _REMEMBERED):
        return False
    return not is_metadata(each.pointer) and _is_plain(each.pointer.rpartition("/")[2], each.key, each.value)


@lru_cache(maxsize=8192, typed=True)
def _is_plain(token: str, key: str, value: str | float | None) -> bool:
    """Environments and applications have most of their keys and values in common."""
    if isinstance(value, str) and (is_ciphertext(value) or is_reference(value)):
        return False
    return not _in_key(token) and not _in_value(key, value)


def _in_value(key: str, value: Json) -> str | None:
    return secret_heuristics(key, value) or (recognised(value) if isinstance(value, str) else None)


@lru_cache(maxsize=4096)
def _in_key(token: str) -> str | None:
    """`token` is escaped, as it stands in a JSON pointer."""
    return made_by(split(f"/{token}")[0])


def _findings(context: Context, each: Named) -> Iterator[Finding]:
    if isinstance(each.value, str) and is_ciphertext(each.value):
        if not is_sealed(each.value):
            yield _judged(context, each.pointer, "ciphertext, but is not all of it")
        return
    if isinstance(each.value, str) and is_reference(each.value):
        parsed = parse_reference(each.value)
        if isinstance(parsed, Finding):
            place = context.document.place(each.pointer)
            yield parsed.copy_with(place=place, message=f"{each.pointer}: {parsed.message}", pointer=each.pointer)
        each = each._replace(value=beside_references(each.value), key="")
    if why := reason(each):
        yield _judged(context, each.pointer, why)


def _judged(context: Context, pointer: str, why: str) -> Finding:
    entry, place = context.allowed(pointer), context.document.place(pointer)
    message = f"{pointer} looks like {why}."
    if entry is None:
        return Finding(place=place, rule="plain-secret", message=message, fix=_FIX, pointer=pointer)
    if context.is_over(entry):
        message = f"{message} It was allowed until {entry.until}: {entry.reason}."
        return Finding(place=place, rule="plain-secret", message=message, fix=_FIX, pointer=pointer)
    message = f"{message} Allowed: {entry.reason}."
    return Finding(place=place, rule="allowed", message=message, blocking=False, pointer=pointer)
