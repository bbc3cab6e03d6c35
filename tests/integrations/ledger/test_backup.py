"""The ledger's copy of the last verified values, on a real remote, beside what was verified."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.common.verdict import Verdict
from liftgate.domain.ledger.backup import backup_verdict
from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.ledger import backup
from liftgate.integrations.ledger.git_branch import REF, append_entry, read_ledger
from tests.examples import ALLOWED_SIGNERS, NOW, WORKER, entry, text, values
from tests.integrations.conftest import AUTHOR, Hosted

GOOD = text(values("staging", "1.4.2"))


def mirror_of(hosted: Hosted, name: str = "worker") -> Mirror:
    mirror = hosted.mirror(name)
    mirror.fetch()
    return mirror


def verified(hosted: Hosted, minutes: int = 0, **changes: Any) -> Entry:
    """Staging's file is committed, verified and recorded."""
    sha = hosted.commit({"configs/staging/values.json": GOOD})
    moment = NOW + timedelta(minutes=minutes)
    times = Times(requested=moment, committed=moment, synced=moment, verified=moment, finished=moment)
    return entry(revision=sha, times=times, **changes)


def verdict(mirror: Mirror) -> Verdict:
    mirror.fetch()
    entries = read_ledger(mirror, read_allowed(ALLOWED_SIGNERS))
    return backup_verdict(backup.find_backup(mirror, entries, "example-app", "staging"), "example-app", "staging")


def tamper(mirror: Mirror, data: bytes | None) -> None:
    tip = mirror.resolve(REF)
    path = "verified/example-app/staging/values.json"
    sha = mirror.write(tip, {path: data}, "by hand\n", NOW, AUTHOR, None)
    assert mirror.push(sha, REF, tip) == "pushed"


def test_the_copy_is_what_was_verified_whatever_came_later(hosted: Hosted) -> None:
    mirror = mirror_of(hosted)
    append_entry(mirror, verified(hosted), {"": GOOD}, AUTHOR, WORKER)
    hosted.commit({"configs/staging/values.json": text(values("staging", "9.9.9"))})
    result = verdict(mirror)
    assert result.passed
    assert result.reason.startswith("the backup of example-app in staging matches the verified commit ")


def test_a_copy_somebody_changed_fails(hosted: Hosted) -> None:
    mirror = mirror_of(hosted)
    append_entry(mirror, verified(hosted), {"": GOOD}, AUTHOR, WORKER)
    tamper(mirror, GOOD + b"\n")
    result = verdict(mirror)
    assert result.failed
    assert "differs from" in result.reason
    assert result.findings[0].place == "verified/example-app/staging/values.json"


def test_a_copy_somebody_removed_fails(hosted: Hosted) -> None:
    mirror = mirror_of(hosted)
    append_entry(mirror, verified(hosted), {"": GOOD}, AUTHOR, WORKER)
    tamper(mirror, None)
    assert "has no copy" in verdict(mirror).reason


def test_a_commit_that_is_gone_fails(hosted: Hosted) -> None:
    mirror = mirror_of(hosted)
    append_entry(mirror, verified(hosted).copy_with(revision="d" * 40), {"": GOOD}, AUTHOR, WORKER)
    result = verdict(mirror)
    assert result.failed
    assert "at dddddddddddd is missing" in result.reason


def test_the_newest_good_outcome_counts_a_rollbacks_too(hosted: Hosted) -> None:
    mirror = mirror_of(hosted)
    append_entry(mirror, verified(hosted), {"": b"old"}, AUTHOR, WORKER)
    append_entry(mirror, verified(hosted, 1, promotion="two", outcome="rolled back"), {}, AUTHOR, WORKER)
    back = verified(hosted, 2, promotion="three", kind="rollback", outcome="verified")
    append_entry(mirror, back, {"": GOOD}, AUTHOR, WORKER)
    assert verdict(mirror).passed


def test_nothing_verified_yet_is_no_pass(hosted: Hosted) -> None:
    mirror = mirror_of(hosted)
    append_entry(mirror, verified(hosted, outcome="failed"), {}, AUTHOR, WORKER)
    assert verdict(mirror).state == "not configured"
