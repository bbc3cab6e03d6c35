"""Reads the ledger's copy of the last verified values, and the commit's file it must equal: Git alone, no server."""

from __future__ import annotations

from collections.abc import Sequence

from liftgate.domain.ledger.backup import Backup
from liftgate.domain.ledger.ledger import Entry, entries_of
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.ledger.git_branch import REF


def find_backup(
    repository: Repository, entries: Sequence[Entry], application: str, environment: str, ref: str = REF
) -> Backup | None:
    """None when nothing with a commit is verified there; the newest copy may be a rollback's."""
    mine = entries_of(entries, application, environment)
    entry = next((entry for entry in reversed(mine) if entry.good and entry.revision), None)
    if entry is None:
        return None
    place = entry.verified_copy
    there = repository.resolve(entry.revision)
    path = entry.values_path or (
        ConfigSnapshot(repository, there).path(application, environment) if there else f"the file of {application}"
    )
    original = repository.file(there, path) if there else None
    copy = repository.file(ref, place)
    return Backup(
        entry=entry,
        path=path,
        place=place,
        original=original.data if original else None,
        copy_of=copy.data if copy else None,
    )
