"""The signature of one commit: who made it, and whether the key was allowed to at that time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from pydantic import Field

from liftgate.domain.commits import public_key, signature
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS, Signer
from liftgate.domain.commits.commit_object import CommitObject
from liftgate.domain.commits.credits import Credit
from liftgate.domain.commits.raw_commit import read_raw_commit
from liftgate.domain.commits.revoked_keys import REVOKED_KEYS
from liftgate.domain.commits.signature import SshSignature
from liftgate.domain.common.plain import one_line
from liftgate.domain.common.value import Value

State = Literal[
    "signed",
    "clean merge",
    "signed by another person",
    "key not valid",
    "revoked key",
    "unknown key",
    "bad signature",
    "not signed",
    "not checked",
]
VALID: Final[tuple[State, ...]] = ("signed", "clean merge")
OPENPGP: Final = ("-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----")
_OTHERS: Final = {**dict.fromkeys(OPENPGP, "OpenPGP"), "-----BEGIN SIGNED MESSAGE-----": "X.509"}
"""By the first line of the signature, as git tells them apart (gitformat-signature(5))."""
_CERTIFICATE: Final = b"-cert-v01@openssh.com"
_LONGEST: Final = 100


class CommitSignature(Value):
    """What is known of a commit's signature. Never more than was verified here."""

    state: State
    signer: str = ""
    """The principal in `.liftgate/allowed_signers`; empty if no known key made it."""
    reason: str
    """In one sentence, without the commit's name."""
    lines: tuple[Signer, ...] = Field(default=(), exclude=True, repr=False)
    """The lines of `.liftgate/allowed_signers` that make it valid."""
    is_workers: bool = False
    """Whether a worker's key made it: that of a key which is allowed for all that a worker signs."""

    @property
    def is_valid(self) -> bool:
        return self.state in VALID


NOT_SIGNED: Final = CommitSignature(state="not signed", reason="not signed")


def check_signature(
    commit: CommitObject, signers: tuple[Signer, ...], revoked: frozenset[bytes] = frozenset()
) -> CommitSignature:
    """By the keys that counted where the commit stands. The committer is compared with the signer in `by_committer`."""
    if not commit.armoured:
        return NOT_SIGNED
    kind = commit.armoured.partition("\n")[0].strip()
    found = signature.read_signature(commit.armoured) if kind == signature.BEGIN else None
    form = "an SSH certificate" if found and _CERTIFICATE in found.key[:64] else _OTHERS.get(kind)
    if form:
        return CommitSignature(state="not checked", reason=f"signed with {form}, which is not checked")
    if found is None:
        return CommitSignature(state="bad signature", reason="its signature cannot be read")
    if why := _fault(found, commit):
        return CommitSignature(state="bad signature", reason=why)
    return _by_key(found.key, commit, signers, revoked)


def _fault(found: SshSignature, commit: CommitObject) -> str:
    """Why it is not a signature of the commit by any key; empty if it is one."""
    if found.namespace != signature.COMMITS:
        return f"its signature was made for {one_line(found.namespace)[:_LONGEST]}, not for commits"
    return "" if found.has_signed(commit.signed) else "its signature does not fit its content"


def _by_key(
    key: bytes, commit: CommitObject, signers: tuple[Signer, ...], revoked: frozenset[bytes]
) -> CommitSignature:
    """The key made the signature: whose it is, and whether it counted."""
    mine = [each for each in signers if each.key == key]
    name = mine[0].principal if mine else ""
    if key in revoked:
        whose = f"a key of {name}" if name else f"the key {public_key.fingerprint(key)}"
        return CommitSignature(
            state="revoked key", signer=name, reason=f"signed with {whose}, which {REVOKED_KEYS} lists"
        )
    if not mine:
        unknown = f"signed with the key {public_key.fingerprint(key)}, which {ALLOWED_SIGNERS} does not have there"
        return CommitSignature(state="unknown key", reason=unknown)
    allowed = [each for each in mine if each.may_sign(signature.COMMITS)]
    if not allowed:
        why = f"signed with a key of {name} that is not allowed for commits"
        return CommitSignature(state="key not valid", signer=name, reason=why)
    when = read_raw_commit(commit.signed).when
    valid = tuple(each for each in allowed if each.is_valid(when))
    if not valid:
        why = f"signed with a key of {name} that was not valid on {when:%Y-%m-%d %H:%M} UTC"
        return CommitSignature(state="key not valid", signer=name, reason=why)
    name, is_workers = valid[0].principal, not signature.missing(key, signature.WORKER, signers)
    return CommitSignature(state="signed", signer=name, reason=f"signed by {name}", lines=valid, is_workers=is_workers)


def by_committer(
    found: CommitSignature, committer: Credit, is_same: Callable[[str, str], bool] = lambda _, __: False
) -> CommitSignature:
    """The same, unless another person's key made it than the committer's: git signs as the committer.

    `is_same` says whether a principal and an e-mail address are of one person. A worker's key needs no comparison.
    """
    if found.state != "signed" or found.is_workers or any(each.names(committer.email) for each in found.lines):
        return found
    if any(is_same(principal, committer.email) for each in found.lines for principal in each.principals):
        return found
    why = f"signed by {found.signer}, but its committer is {committer}"
    return CommitSignature(state="signed by another person", signer=found.signer, reason=why)
