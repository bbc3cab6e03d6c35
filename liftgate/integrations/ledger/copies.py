"""The copies that the ledger's branch keeps beside its entries: of verified values and promoted files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from liftgate.domain.ledger.ledger import Entry
from liftgate.integrations.git.repository import Repository

Copies = dict[str, bytes | None]
"""Content by path on the ledger's branch; None removes a file."""


def copies(repository: Repository, tip: str, entry: Entry, verified: Mapping[str, bytes]) -> Copies:
    """What is written with the entry: the verified values by the names of their files, and the files that were
    promoted. They replace the earlier copies; without any, those stay."""
    kept = _in_place(repository, tip, entry.verified_copy, verified)
    if entry.has_source_copy:
        known = {each.file: each.source_blob for each in entry.all_files if each.source_blob}
        found = dict(zip(known, repository.blobs(known.values()), strict=True))
        kept |= _in_place(repository, tip, entry.source_copy, found)
    return kept


def _in_place(repository: Repository, tip: str, place: Callable[[str], str], files: Mapping[str, bytes]) -> Copies:
    if not files:
        return {}
    folder = place("").rpartition("/")[0]
    earlier: Copies = {path: None for path, _ in repository.paths(tip, folder)} if tip else {}
    return earlier | {place(name): data for name, data in files.items()}
