"""Questions to the ledger: what is verified, what is blocked, what is a forgery."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from liftgate.domain import ledger, signature
from liftgate.domain.ledger import Entry, Times
from liftgate.domain.signature import read_allowed
from tests.examples import ALLOWED_SIGNERS, NOW, WORKER, entry

R = entry().release


def history(*outcomes: str, **more: Any) -> list[Entry]:
    """Entries one minute apart."""
    return [
        entry(
            promotion=str(number),
            outcome=outcome,
            times=Times(requested=NOW, finished=NOW + timedelta(minutes=number)),
            **more,
        )
        for number, outcome in enumerate(outcomes)
    ]


def test_the_newest_word_about_a_release_counts() -> None:
    assert ledger.verified(history("promoted"), R)
    assert not ledger.verified(history("promoted", "rolled back"), R)
    assert ledger.verified(history("rolled back", "promoted"), R)
    assert not ledger.verified([], R)


def test_a_refusal_says_nothing_about_the_release() -> None:
    assert ledger.verified(history("promoted", "refused", "expired"), R)


def test_a_release_that_was_rolled_back_is_blocked_until_it_was_good_again() -> None:
    assert ledger.blocked(history("rolled back"), R) is not None
    assert ledger.blocked(history("rolled back", "promoted"), R) is None
    assert ledger.blocked(history("refused"), R) is None


def test_the_last_verified_is_the_newest_good_one_and_no_rollback() -> None:
    entries = [*history("promoted", "rolled back"), entry(kind="rollback", outcome="verified", promotion="back")]
    found = ledger.last_verified(entries)
    assert found is not None
    assert found.promotion == "0"


def test_entries_of_another_environment_do_not_count() -> None:
    assert ledger.of([entry(environment="dev"), entry()], "example-app", "staging") == [entry()]


def test_a_file_with_one_changed_word_is_no_entry() -> None:
    signers = read_allowed(ALLOWED_SIGNERS)
    data = ledger.to_file(entry(), signature.sign(ledger.signable(entry()), WORKER, signature.LEDGER))
    assert ledger.from_file(data, signers) == entry()
    changed = json.loads(data) | {"outcome": "failed"}
    assert ledger.from_file(json.dumps(changed).encode(), signers) is None


def test_garbage_is_no_entry() -> None:
    for data in (b"", b"[]", b"{}", b'{"signature": 1}', b"\xff"):
        assert ledger.from_file(data, read_allowed(ALLOWED_SIGNERS)) is None
