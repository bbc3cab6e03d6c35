"""Questions to the ledger: what is verified, what is blocked, what is a forgery."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.common.canonical import canonical
from liftgate.domain.json_text.bounded_json import UnreadableJson
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry, Times
from tests.domain.properties import holds
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


def test_control_characters_in_a_signed_entry_are_replaced_as_it_is_shown() -> None:
    """An older worker may have signed them; the signature is over what the file says."""
    document = entry().model_dump(mode="json") | {"reason": "why\x1bnot\n", "requested_by": "a\x1eda"}
    signed = signature.sign(canonical(document), WORKER, signature.LEDGER)
    read = ledger.from_file(json.dumps(document | {"signature": signed}).encode(), read_allowed(ALLOWED_SIGNERS))
    assert read is not None
    assert (read.reason, read.requested_by) == ("why\N{REPLACEMENT CHARACTER}not\n", "a\N{REPLACEMENT CHARACTER}da")


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


def back(took: str, *, reverts: str = "", restores: str = "", minute: int = 60, **more: Any) -> Entry:
    """A rollback that took these back (ids of one letter), and left the environment with R."""
    times = Times(requested=NOW, finished=NOW + timedelta(minutes=minute))
    plain = {"promotion": f"back-{minute}", "kind": "rollback", "outcome": "verified", "times": times}
    return entry(**(plain | {"reverts": reverts, "restores": restores, "took_back": tuple(took)} | more))


def release(name: str, **more: Any) -> Entry:
    return entry(**({"promotion": name, "release": f"sha256:{name}"} | more))


def test_what_a_rollback_took_back_is_blocked_and_no_more_verified() -> None:
    reverted = [release("a"), release("b"), back("", reverts="b", release="sha256:a")]
    chosen = [release("a"), release("b"), release("c"), back("cb", restores="a", release="sha256:a")]
    for entries, gone in ((reverted, "b"), (chosen, "bc")):
        assert ledger.verified(entries, "sha256:a")
        assert [ledger.verified(entries, f"sha256:{name}") for name in gone] == [False] * len(gone)
        assert all(ledger.blocked(entries, f"sha256:{name}") for name in gone)
        assert ledger.blocked(entries, "sha256:a") is None
        last = ledger.last_verified(entries)
        assert last is not None
        assert last.promotion == "a"


def test_the_same_release_that_is_there_after_a_rollback_is_not_blocked_by_it() -> None:
    """An update of the environment's own values leaves the release as it was."""
    own = release("b", release="sha256:a")
    entries = [release("a"), own, back("b", restores="a", release="sha256:a")]
    assert ledger.verified(entries, "sha256:a")
    assert ledger.blocked(entries, "sha256:a") is None
    by_itself = [
        release("a"),
        back("", reverts="b", release="sha256:a"),
        own.copy_with(outcome="rolled back"),
    ]
    assert ledger.blocked(by_itself, "sha256:a") is None


def test_a_rollback_that_failed_leaves_nothing_verified_and_blocks_only_what_it_took_back() -> None:
    entries = [release("a"), release("b"), back("b", restores="a", release="sha256:a", outcome="rollback failed")]
    assert not ledger.verified(entries, "sha256:a")
    assert ledger.blocked(entries, "sha256:a") is None
    assert ledger.blocked(entries, "sha256:b") is not None


def test_a_rollback_that_other_values_replaced_says_nothing_of_those_it_went_back_to() -> None:
    entries = [release("a"), release("b"), back("b", restores="a", release="sha256:a", outcome="superseded")]
    assert ledger.verified(entries, "sha256:a")
    assert ledger.blocked(entries, "sha256:b") is not None
    assert ledger.last_verified(entries) == entries[0]


def test_the_reason_of_a_block_is_that_of_the_promotion_where_it_failed_itself() -> None:
    bad = release("b", outcome="rolled back", reason="health check: database unreachable")
    found = ledger.blocked([release("a"), back("", reverts="b", release="sha256:a"), bad], "sha256:b")
    assert found is not None
    assert found.reason == "health check: database unreachable"


def test_a_rollback_alone_verifies_no_release() -> None:
    """Its steps may be fewer than a promotion's."""
    assert not ledger.verified([release("b"), back("", reverts="b", release="sha256:seed")], "sha256:seed")


_STEPS = st.lists(st.one_of(st.sampled_from(["promoted", "failed", "refused"]), st.integers(0, 30)), max_size=12)


@holds(_STEPS)
def test_of_every_history_only_what_nobody_took_back_is_the_last_verified(steps: list[str | int]) -> None:
    """Promotions of releases of their own, and rollbacks to a chosen one of those that can come back."""
    entries: list[Entry] = []
    standing: list[str] = []
    for number, step in enumerate(steps):
        if isinstance(step, str):
            entries.append(release(str(number), outcome=step))
            standing += [str(number)] if step == "promoted" else []
        elif can := ledger.restorable(entries):
            to = can[step % len(can)]
            took = tuple(reversed(standing[standing.index(to.promotion) + 1 :]))
            del standing[standing.index(to.promotion) + 1 :]
            more: dict[str, Any] = {"restores": to.promotion, "release": to.release, "took_back": took}
            entries.append(back("", minute=100 + number, **more))
    assert [each.promotion for each in ledger.restorable(entries)] == standing
    last = ledger.last_verified(entries)
    assert (last.promotion if last else "") == "".join(standing[-1:])
    good = {f"sha256:{name}" for name in standing}
    for each in entries:
        if each.outcome == "promoted":
            assert ledger.verified(entries, each.release) == (each.release in good)
            assert (ledger.blocked(entries, each.release) is None) == (each.release in good)


def test_a_file_from_before_there_were_such_fields_still_counts() -> None:
    old = entry().model_dump(mode="json", exclude={"restores", "took_back"})
    signed = signature.sign(canonical(old), WORKER, signature.LEDGER)
    data = json.dumps(old | {"signature": signed}).encode()
    assert ledger.from_file(data, read_allowed(ALLOWED_SIGNERS)) == entry()


def test_entries_of_another_environment_do_not_count() -> None:
    assert ledger.entries_of([entry(environment="dev"), entry()], "example-app", "staging") == [entry()]


def test_a_file_with_one_changed_word_is_no_entry() -> None:
    signers = read_allowed(ALLOWED_SIGNERS)
    data = ledger.to_file(entry(), signature.sign(ledger.signable(entry()), WORKER, signature.LEDGER))
    assert ledger.from_file(data, signers) == entry()
    changed = json.loads(data) | {"outcome": "failed"}
    assert ledger.from_file(json.dumps(changed).encode(), signers) is None


def test_garbage_is_no_entry() -> None:
    for data in (b"[]", b"{}", b'{"signature": 1}'):
        assert ledger.from_file(data, read_allowed(ALLOWED_SIGNERS)) is None
    for data in (b"", b"\xff", b"[" * 200_000):
        with pytest.raises(UnreadableJson):
            ledger.from_file(data, read_allowed(ALLOWED_SIGNERS))


def test_it_is_good_since_it_first_was_without_a_bad_word_between() -> None:
    hours = [NOW + timedelta(hours=number) for number in range(4)]
    said = ("promoted", "rolled back", "promoted", "verified")
    entries = [
        entry(promotion=str(number), outcome=outcome, times=Times(requested=at, verified=at, finished=at))
        for number, (outcome, at) in enumerate(zip(said, hours, strict=True))
    ]
    assert ledger.verified_at(entries, entry().release) == hours[2]
    assert ledger.verified_at(entries[:2], entry().release) is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"approved_by": ("ada", "grace")}, "Promoted 1.4.2 to staging in 3.1 s. Approved by ada, grace."),
        ({"kind": "update"}, "Updated staging in 3.1 s."),
        ({"outcome": "verified"}, "Verified 1.4.2 in staging in 3.1 s."),
        ({"kind": "rollback", "outcome": "verified", "previous": "1.4.1"}, "Rolled staging back to 1.4.1 in 3.1 s."),
        ({"outcome": "rolled back", "reason": "rolled back to 1.4.1 in 4 s: ill"}, "Rolled back to 1.4.1 in 4 s: ill"),
        ({"outcome": "refused", "reason": "rejected by grace"}, "Refused: rejected by grace"),
        ({"outcome": "expired", "reason": "no decision in 72 hours"}, "Expired: no decision in 72 hours"),
    ],
)
def test_an_outcome_is_a_short_sentence(changes: dict[str, Any], sentence: str) -> None:
    times = entry().times.copy_with(verified=NOW + timedelta(seconds=3.1))
    assert entry(times=times, **changes).sentence == sentence


def test_an_outcome_without_times_says_none() -> None:
    times = entry().times.copy_with(committed=None)
    assert entry(times=times).sentence == "Promoted 1.4.2 to staging."
