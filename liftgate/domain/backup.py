"""The copy of the last verified values on the ledger branch, beside what was verified."""

from __future__ import annotations

from liftgate.domain.ledger import Entry
from liftgate.domain.value import Value
from liftgate.domain.verdict import Finding, Verdict, failed, not_configured, passed


class Backup(Value):
    entry: Entry
    """The newest good outcome that has a commit: what the copy must be of."""
    path: str
    """The values file at that commit."""
    place: str
    """The copy on the ledger branch."""
    original: bytes | None
    """None when the commit or its file is not there."""
    copy_of: bytes | None


def judge(backup: Backup | None, application: str, environment: str) -> Verdict:
    """Whether the copy is exact, byte for byte; nothing verified yet is no pass."""
    what = f"{application} in {environment}"
    if backup is None:
        return not_configured(f"nothing of {what} is verified yet, so there is no copy to compare")
    commit = backup.entry.revision[:12]
    if backup.original is None:
        return _bad(backup, f"the verified values of {what} are not to be had: {backup.path} at {commit} is missing")
    if backup.copy_of is None:
        return _bad(backup, f"the ledger has no copy of the verified values of {what}")
    if backup.copy_of != backup.original:
        return _bad(backup, f"the copy of the verified values of {what} is not what was verified at {commit}")
    return passed(f"the copy of {what} is what was verified at {commit}")


def _bad(backup: Backup, message: str) -> Verdict:
    fix = "Look at who changed the branch liftgate/ledger; the next verified promotion writes the copy anew."
    return failed(f"backup: {message}", Finding(place=backup.place, rule="backup-check", message=message, fix=fix))
