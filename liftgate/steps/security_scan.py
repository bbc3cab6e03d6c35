"""The step `security-scan`: no secret stands in the values in plain text, and SOPS' ciphertext is as it should be."""

from __future__ import annotations

from collections.abc import Iterator

from liftgate.domain.common.verdict import Finding, Verdict, failed, passed
from liftgate.domain.json_text.pointer import split
from liftgate.domain.planning.rules import is_metadata
from liftgate.domain.secrets.secret import beside_references, is_ciphertext, is_reference, is_sealed, parse_reference
from liftgate.domain.secrets.secret_forms import made_by
from liftgate.domain.secrets.secret_heuristics import secret_heuristics
from liftgate.domain.secrets.sops import sops_gate
from liftgate.steps.context import Context
from liftgate.steps.reading import lint
from liftgate.steps.secret_names import Named, named
from liftgate.steps.secret_plugins import recognised

_FIX = "Encrypt it with sops or refer to a secret store; if it is none, allow it with a reason and a day."


def run(context: Context) -> Verdict:
    if context.document.violations:
        return lint(context)
    findings = [finding for each in named(context.document.value) for finding in _findings(context, each)]
    encrypted = sops_gate(context.document, context.path, context.sops)
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
    tokens = split(each.pointer)
    in_key = made_by(tokens[-1]) if tokens else None
    if in_key:
        return f"{in_key} as a key"
    return secret_heuristics(each.key, each.value) or (recognised(each.value) if isinstance(each.value, str) else None)


def _findings(context: Context, each: Named) -> Iterator[Finding]:
    if isinstance(each.value, str) and is_ciphertext(each.value):
        if not is_sealed(each.value):
            yield _judged(context, each.pointer, "ciphertext, but is not all of it")
        return
    if isinstance(each.value, str) and is_reference(each.value):
        parsed = parse_reference(each.value)
        if isinstance(parsed, Finding):
            place = context.document.place(each.pointer)
            yield parsed.copy_with(place=place, message=f"{each.pointer}: {parsed.message}")
        each = each._replace(value=beside_references(each.value), key="")
    if why := reason(each):
        yield _judged(context, each.pointer, why)


def _judged(context: Context, pointer: str, why: str) -> Finding:
    entry, place = context.allowed(pointer), context.document.place(pointer)
    message = f"{pointer} looks like {why}."
    if entry is None:
        return Finding(place=place, rule="plain-secret", message=message, fix=_FIX)
    if context.is_over(entry):
        message = f"{message} It was allowed until {entry.until}: {entry.reason}."
        return Finding(place=place, rule="plain-secret", message=message, fix=_FIX)
    return Finding(place=place, rule="allowed", message=f"{message} Allowed: {entry.reason}.", blocking=False)
