"""A commit as git stores it: which of its bytes were signed, and by which signature (gitformat-signature(5))."""

from __future__ import annotations

from liftgate.domain import signature
from liftgate.domain.value import Value

_HEADER = b"gpgsig"


class CommitObject(Value):
    signed: bytes
    """The whole object but its signature."""
    armoured: str = ""
    """The signature as text; empty where there is none."""

    @property
    def message(self) -> str:
        return self.signed.partition(b"\n\n")[2].decode(errors="replace")

    def is_signed_by(self, signers: tuple[signature.Signer, ...]) -> bool:
        """Whether one of those who may sign commits did."""
        return bool(signature.signer_of(self.signed, self.armoured, signature.COMMITS, signers))


def read(raw: bytes) -> CommitObject:
    """Of several signatures only the first is looked at, and the others are part of what it must cover."""
    head, gap, message = raw.partition(b"\n\n")
    kept: list[bytes] = []
    taken: list[bytes] = []
    inside = False
    for line in head.split(b"\n"):
        inside = line.startswith(b" ") if inside else not taken and line.startswith(_HEADER + b" ")
        (taken if inside else kept).append(line)
    lines = [line.removeprefix(_HEADER).removeprefix(b" ") for line in taken]
    return CommitObject(signed=b"\n".join(kept) + gap + message, armoured=b"\n".join(lines).decode(errors="replace"))
