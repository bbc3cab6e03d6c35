"""Reads the ledger's copy of the last verified values, and the commit's files it must equal: Git alone, no server."""

from __future__ import annotations

from collections.abc import Sequence

from liftgate.domain.ledger.backup import Backup, BackupFile
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
    there = repository.resolve(entry.revision)
    paths = {each.file: each.path for each in entry.all_files if each.path}
    if not paths and there:
        paths = ConfigSnapshot(repository, there).paths(application, environment)
    return Backup(
        entry=entry,
        files=tuple(
            BackupFile(
                path=path, place=place, original=_data(repository, there, path), copy_of=_data(repository, ref, place)
            )
            for path, place in [(path, entry.verified_copy(name)) for name, path in paths.items()]
            or [(f"the file of {application}", entry.verified_copy())]
        ),
    )


def _data(repository: Repository, commit: str, path: str) -> bytes | None:
    file = repository.file(commit, path) if commit else None
    return file.data if file else None
