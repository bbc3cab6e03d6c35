"""A commit as git stores it: the signed bytes and the signature (gitformat-signature(5))."""

from __future__ import annotations

from liftgate.domain.commits import signature
from liftgate.domain.common.value import Value

_HEADER = b"gpgsig"


class CommitObject(Value):
    signed: bytes
    """The whole object without its signature."""
    armoured: str = ""
    """The signature as text; empty if there is none."""

    @property
    def message(self) -> str:
        return self.signed.partition(b"\n\n")[2].decode(errors="replace")

    def signer(self, signers: tuple[signature.Signer, ...]) -> str:
        """The principal of the allowed signer of commits who signed it; empty if there is none."""
        return signature.signer_of(self.signed, self.armoured, signature.COMMITS, signers) or ""

    def is_signed_by(self, signers: tuple[signature.Signer, ...]) -> bool:
        """Whether an allowed signer of commits signed it."""
        return bool(self.signer(signers))


def read_commit_object(raw: bytes) -> CommitObject:
    """Only the first of several signatures is checked; the others are part of the signed bytes."""
    head, gap, message = raw.partition(b"\n\n")
    kept: list[bytes] = []
    taken: list[bytes] = []
    inside = False
    for line in head.split(b"\n"):
        inside = line.startswith(b" ") if inside else not taken and line.startswith(_HEADER + b" ")
        (taken if inside else kept).append(line)
    lines = [line.removeprefix(_HEADER).removeprefix(b" ") for line in taken]
    return CommitObject(signed=b"\n".join(kept) + gap + message, armoured=b"\n".join(lines).decode(errors="replace"))
