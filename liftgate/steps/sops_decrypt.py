"""`sops-decrypt`: the encrypted values can really be decrypted; asked only of a worker that has a key."""

from __future__ import annotations

from liftgate.domain.common.verdict import Finding, Verdict, failed, not_configured, passed
from liftgate.domain.secrets.sops import sops_gate
from liftgate.domain.secrets.sops_metadata import block_of
from liftgate.steps.context import Context
from liftgate.steps.reading import lint

DEADLINE = 30.0


def run(context: Context) -> Verdict:
    """Settings: `deadline` in seconds. Nothing is decrypted of a file that the keyless gate refuses."""
    if context.document.violations:
        return lint(context)
    if block_of(context.document.value) is None:
        return passed(f"{context.path} holds nothing that sops encrypted")
    if findings := sops_gate(context.document, context.path, context.sops):
        return failed(f"{context.path} is not decrypted: {findings[0].message}", *findings)
    decrypt = context.capabilities.refusal
    if decrypt is None:
        return not_configured("the worker has no key to decrypt with: set LIFTGATE_SOPS__AGE_KEY")
    why = decrypt(context.path, context.data, float(context.settings.get("deadline", DEADLINE)))
    if why:
        return failed(why, Finding(place=context.document.place("/sops"), rule="sops-decrypt", message=f"{why}."))
    return passed(f"{context.path} can be decrypted")
