"""The ledger as files of one branch: an entry is appended by compare-and-swap, once for each promotion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.message import PROMOTION_ID, compose
from liftgate.errors import LiftgateError, Unavailable
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.repository import Author, Repository
from liftgate.integrations.ledger.copies import copies
from liftgate.integrations.ledger.signed_files import Kinds, fields_of, read_signed_blobs, read_signed_files

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import SigningKey
REF = "refs/heads/liftgate/ledger"
_T = TypeVar("_T")
ENTRIES: Final = Kinds(signature.LEDGER, (Entry,))
_TRIES = 10


class Reading(NamedTuple):
    entries: tuple[Entry, ...]
    """Those with an allowed signature, oldest first."""
    unread: tuple[str, ...]
    """A sentence for each file that cannot be read; the others still count."""


def folder(application: str = "", environment: str = "") -> str:
    """Where the entries are."""
    return "/".join(part for part in ("entries", application, environment) if part)


def warm() -> None:
    """Find out what the entries are made of, so that no process that is forked from this one has to."""
    fields_of(ENTRIES)


def read_ledger(
    repository: Repository, signers: tuple[Signer, ...], under: str = "entries", ref: str = REF
) -> list[Entry]:
    """The entries alone; `under` narrows to `entries/APP[/ENVIRONMENT]`."""
    return list(ledger_at(repository, signers, under, ref).entries)


def ledger_at(repository: Repository, signers: tuple[Signer, ...], under: str = "entries", ref: str = REF) -> Reading:
    """The entries, and what stands among them that is none."""
    return _look(repository, signers, under, repository.resolve(ref))


@lru_cache(maxsize=64)
def _look(repository: Repository, signers: tuple[Signer, ...], under: str, tip: str) -> Reading:
    """A state of the ledger is read once: each run that waits asks about it every other second."""
    parsed = read_signed_files(repository, tip, under, signers, ENTRIES)
    entries = (each for path, each in parsed if isinstance(each, Entry) and is_in_place(each, path))
    return Reading(tuple(in_order(entries)), tuple(unread(parsed)))


def is_in_place(entry: Entry, path: str) -> bool:
    """Whether the file is in the folder of the entry's application and environment: a copy elsewhere says nothing."""
    return path.startswith(f"{folder(entry.application, entry.environment)}/")


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Oldest first."""
    return sorted(entries, key=lambda entry: entry.times.finished)


def read_files(repository: Repository, tip: str, under: str, parse: Callable[[bytes], _T]) -> list[tuple[str, _T]]:
    """Path of each file of the ledger below the folder, and what it was parsed to; nothing where there is no tip."""
    listed = repository.paths(tip, under) if tip else []
    contents = repository.blobs([blob for _, blob in listed])
    return [(path, parse(data)) for (path, _), data in zip(listed, contents, strict=True)]


def unread(parsed: Iterable[tuple[str, object]]) -> list[str]:
    """Where a text stands in place of what was parsed, it says why."""
    return [f"{path} in the ledger {why}, and is left out" for path, why in parsed if isinstance(why, str)]


def append_entry(
    mirror: Mirror,
    entry: Entry,
    verified: Mapping[str, bytes],
    author: Author,
    key: SigningKey,
    is_known: Callable[[], bool] = lambda: False,
) -> None:
    """Write the entry, and beside it the copies of the verified values (by the names of their files) and of the files
    that were promoted, unless this key wrote one of the promotion already, or the branch as last fetched says that it
    `is_known`. One that no one believes any more is replaced.

    Raises Unavailable when the branch keeps moving or cannot be reached; doing it again is harmless.
    """
    signed = {entry.path: ledger.to_file(entry, signature.sign(ledger.signable(entry), key, signature.LEDGER))}
    subject = f"{entry.application} {entry.release_name or entry.kind} → {entry.environment}: {entry.outcome}"
    message = compose(subject, "", [(PROMOTION_ID, entry.promotion)])

    def write(tip: str) -> str:
        files = copies(mirror, tip, entry, verified) | signed
        return mirror.write(tip, files, message, entry.times.finished, author, key)

    own = Signer(principals=(author.email,), namespaces=(signature.LEDGER,), key=signature.public_bytes(key))
    put_unless(mirror, lambda tip: is_known() or has_entry(mirror, tip, entry.path, own), write)


def has_entry(repository: Repository, tip: str, path: str, signer: Signer) -> bool:
    """Whether the file is an entry that this key signed."""
    blob = repository.object_id(tip, path) if tip else ""
    return bool(blob) and isinstance(read_signed_blobs(repository, [blob], (signer,), ENTRIES)[blob], Entry)


def put_once(mirror: Mirror, path: str, write: Callable[[str], str]) -> bool:
    """Push what `write` makes on the branch's tip, unless the path is there; whether it was not."""
    return put_unless(mirror, lambda tip: bool(tip and mirror.object_id(tip, path)), write)


def put_unless(mirror: Mirror, is_there: Callable[[str], bool], write: Callable[[str], str]) -> bool:
    """The same unless it is there at the tip.

    Raises Unavailable when the branch keeps moving or cannot be reached.
    """
    with mirror.turn("ledger"):
        for _ in range(_TRIES):
            tip = mirror.resolve(REF)
            if is_there(tip):
                return False
            if (sha := _written(mirror, tip, write)) and mirror.push(sha, REF, tip) == "pushed":
                return True
            if mirror.resolve(REF) == tip:
                mirror.fetch()
    raise Unavailable("the ledger's branch keeps moving")


def _written(mirror: Mirror, tip: str, write: Callable[[str], str]) -> str:
    """The commit; empty if the branch moved here meanwhile: then the holder of the key signs no commit on that tip."""
    try:
        return write(tip)
    except LiftgateError:
        if mirror.resolve(REF) == tip:
            raise
        return ""
