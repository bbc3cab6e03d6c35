"""Changes of the cluster outside Git, as files below `drift/` of the ledger's branch.

The Liftgate server signs them; each is written at most once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.drift.record import FOLDER, Ending, Record, joined
from liftgate.domain.ledger import ledger
from liftgate.domain.promotion.message import compose
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.repository import Author, Repository
from liftgate.integrations.ledger.git_branch import REF, put_once, unread
from liftgate.integrations.ledger.signed_files import Kinds, read_signed_files

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import SigningKey


_KINDS: Final = Kinds(signature.DRIFT, (Record, Ending))


class Reading(NamedTuple):
    records: list[Record]
    """The records with an allowed signature, in the order they were seen; each with its end, where it has one."""
    unread: list[str]
    """A sentence for each file that cannot be read; the others still count."""


def read_drift_files(repository: Repository, signers: tuple[Signer, ...], ref: str = REF) -> list[Record]:
    """The records alone."""
    return drift_files_at(repository, signers, ref).records


def drift_files_at(repository: Repository, signers: tuple[Signer, ...], ref: str = REF) -> Reading:
    """A file that lies in another one's place is a copy, and counts nothing."""
    parsed = read_signed_files(repository, repository.resolve(ref), FOLDER, signers, _KINDS)
    found = [each for path, each in parsed if isinstance(each, Record | Ending) and each.path == path]
    records = joined(
        (each for each in found if isinstance(each, Record)), (each for each in found if isinstance(each, Ending))
    )
    return Reading(records, unread(parsed))


def append_drift(mirror: Mirror, what: Record | Ending, author: Author, key: SigningKey) -> bool:
    """Write it unless its place is taken; whether this call did. Doing it again is harmless.

    The commit itself is unsigned: the Liftgate server's key speaks for what is in the file, and for no commit.
    """
    when = what.over if isinstance(what, Ending) else what.seen
    files = {what.path: ledger.to_file(what, signature.sign(ledger.signable(what), key, signature.DRIFT))}
    said = "is over" if isinstance(what, Ending) else what.kind
    message = compose(f"{what.application} {what.environment}: drift {what.number} {said}", "", ())
    return put_once(mirror, what.path, lambda tip: mirror.write(tip, dict(files), message, when, author, None))
