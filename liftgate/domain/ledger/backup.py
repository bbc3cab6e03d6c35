"""Compares the copy of the last verified values on the ledger branch with the verified commit."""

from __future__ import annotations

from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Finding, Verdict, failed, not_configured, passed
from liftgate.domain.ledger.ledger import Entry


class BackupFile(Value):
    path: str
    """The values file at that commit."""
    place: str
    """The copy on the ledger branch."""
    original: bytes | None
    """None if the commit or its file is missing."""
    copy_of: bytes | None


class Backup(Value):
    entry: Entry
    """The newest good outcome with a commit: the copies must be of this one."""
    files: tuple[BackupFile, ...]
    """One for each values file."""


def backup_verdict(backup: Backup | None, application: str, environment: str) -> Verdict:
    """Whether the copy is exact, byte for byte. Without verified values the check does not pass."""
    what = f"{application} in {environment}"
    if backup is None:
        return not_configured(f"{what} has no verified values yet, so there is no copy to compare")
    commit = backup.entry.revision[:12]
    wrong = [(file.place, why) for file in backup.files if (why := _wrong(file, what, commit))]
    if wrong:
        return failed(f"backup: {wrong[0][1]}", *(_finding(place, why) for place, why in wrong))
    return passed(f"the backup of {what} matches the verified commit {commit}")


def _wrong(file: BackupFile, what: str, commit: str) -> str:
    """Empty for an exact copy."""
    if file.original is None:
        return f"the verified values of {what} cannot be read: {file.path} at {commit} is missing"
    if file.copy_of is None:
        return f"the ledger has no copy of the verified values of {what}"
    if file.copy_of != file.original:
        return f"the copy of the verified values of {what} differs from {commit}, which was verified"
    return ""


def _finding(place: str, message: str) -> Finding:
    fix = "Find out who changed the branch liftgate/ledger; the next verified promotion writes a new copy."
    return Finding(place=place, rule="backup-check", message=message, fix=fix)
