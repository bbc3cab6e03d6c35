"""Compares the copy of the last verified values on the ledger branch with the verified commit."""

from __future__ import annotations

from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Finding, Verdict, failed, not_configured, passed
from liftgate.domain.ledger.ledger import Entry


class Backup(Value):
    entry: Entry
    """The newest good outcome with a commit: the copy must be of this one."""
    path: str
    """The values file at that commit."""
    place: str
    """The copy on the ledger branch."""
    original: bytes | None
    """None if the commit or its file is missing."""
    copy_of: bytes | None


def backup_verdict(backup: Backup | None, application: str, environment: str) -> Verdict:
    """Whether the copy is exact, byte for byte. Without verified values the check does not pass."""
    what = f"{application} in {environment}"
    if backup is None:
        return not_configured(f"{what} has no verified values yet, so there is no copy to compare")
    commit = backup.entry.revision[:12]
    if backup.original is None:
        return _bad(backup, f"the verified values of {what} cannot be read: {backup.path} at {commit} is missing")
    if backup.copy_of is None:
        return _bad(backup, f"the ledger has no copy of the verified values of {what}")
    if backup.copy_of != backup.original:
        return _bad(backup, f"the copy of the verified values of {what} differs from {commit}, which was verified")
    return passed(f"the backup of {what} matches the verified commit {commit}")


def _bad(backup: Backup, message: str) -> Verdict:
    fix = "Find out who changed the branch liftgate/ledger; the next verified promotion writes a new copy."
    return failed(f"backup: {message}", Finding(place=backup.place, rule="backup-check", message=message, fix=fix))
