"""Out-of-band changes as files below `drift/` of the ledger's branch, signed by the gatehouse; written at most once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from liftgate.domain import ledger, signature
from liftgate.domain.drift_record import FOLDER, Ending, Record, joined
from liftgate.domain.message import compose
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.repository import Author, Repository
from liftgate.integrations.ledger.git_branch import REF, put_once

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@lru_cache(maxsize=100_000)
def _parsed(data: bytes, signers: tuple[signature.Signer, ...]) -> Record | Ending | None:
    """Files never change, so each is read and checked once in a process."""
    record = ledger.read_signed(data, signers, Record, signature.DRIFT)
    return record or ledger.read_signed(data, signers, Ending, signature.DRIFT)


def read(repository: Repository, signers: tuple[signature.Signer, ...], ref: str = REF) -> list[Record]:
    """What somebody allowed signed, in the order it was seen; each with its end, where it has one."""
    tip = repository.resolve(ref)
    listed = repository.paths(tip, FOLDER) if tip else []
    found = list(_kept(listed, repository.blobs([blob for _, blob in listed]), signers))
    return joined(
        (each for each in found if isinstance(each, Record)), (each for each in found if isinstance(each, Ending))
    )


def _kept(
    listed: Iterable[tuple[str, str]], blobs: Iterable[bytes], signers: tuple[signature.Signer, ...]
) -> Iterable[Record | Ending]:
    """A file that lies in another one's place is a copy, and counts nothing."""
    for (path, _), data in zip(listed, blobs, strict=True):
        value = _parsed(data, signers)
        if value and value.path == path:
            yield value


def append(mirror: Mirror, what: Record | Ending, author: Author, key: Ed25519PrivateKey) -> bool:
    """Write it unless its place is taken; whether this call did. Doing it again is harmless.

    The commit itself is unsigned: the gatehouse's key speaks for what is in the file, and for no commit.
    """
    when = what.over if isinstance(what, Ending) else what.seen
    files = {what.path: ledger.to_file(what, signature.sign(ledger.signable(what), key, signature.DRIFT))}
    said = "is over" if isinstance(what, Ending) else what.kind
    message = compose(f"{what.application} {what.environment}: drift {what.number} {said}", "", ())
    return put_once(mirror, what.path, lambda tip: mirror.write(tip, dict(files), message, when, author, None))
