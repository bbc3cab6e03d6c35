"""A commit as git stores it: the signed bytes and the signature (gitformat-signature(5))."""

from __future__ import annotations

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.commits.raw_commit import read_raw_commit
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

    def signer(self, signers: tuple[Signer, ...]) -> str:
        """The principal of the signer of commits who signed it, allowed at the committer's date; empty if none did."""
        if not self.armoured:
            return ""
        when = read_raw_commit(self.signed).when
        return signature.signer_of(self.signed, self.armoured, signature.COMMITS, signers, when) or ""

    def is_signed_by(self, signers: tuple[Signer, ...]) -> bool:
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
