"""`backup-check` says what the ledger's copy is worth; how it is read is tried with the ledger."""

from __future__ import annotations

import pytest

from liftgate.domain.ledger.backup import Backup, BackupFile
from liftgate.errors import Misconfigured
from liftgate.steps.backup_check import run
from liftgate.steps.context import StepCapabilities
from tests.examples import entry
from tests.steps.world import context


def check(original: bytes | None, copy: bytes | None) -> str:
    found = Backup(
        entry=entry(), files=(BackupFile(path="v.json", place="verified/v.json", original=original, copy_of=copy),)
    )
    return run(context(capabilities=StepCapabilities(backup=lambda: found))).state


def test_only_an_exact_copy_passes() -> None:
    assert check(b"a", b"a") == "passed"
    assert check(b"a", b"b") == "failed"
    assert check(b"a", None) == "failed"
    assert check(None, b"a") == "failed"


def test_before_anything_is_verified_there_is_nothing_to_compare() -> None:
    assert run(context(capabilities=StepCapabilities(backup=lambda: None))).state == "not configured"


def test_where_there_is_no_ledger_to_read_it_says_so() -> None:
    with pytest.raises(Misconfigured, match="or the ledger, and runs here without them"):
        run(context())
