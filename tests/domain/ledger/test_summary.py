"""What the ledger says in short of one place: as much after a thousand outcomes as after a few."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from liftgate.domain.ledger import ledger, restorable, summary
from liftgate.domain.ledger.by_hand import ByHand
from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.domain.ledger.summary import Summary, summary_of
from tests.examples import NOW, entry


def past(number: int, seed: int = 1) -> list[Entry]:
    """Outcomes of all kinds by chance, oldest first."""
    chance = random.Random(seed)
    return [
        entry(
            promotion=f"{each}",
            kind=chance.choice(["promote", "promote", "update", "rollback"]),
            outcome=chance.choice(["promoted", "promoted", "verified", "failed", "rolled back", "refused"]),
            release=f"sha256:{chance.randrange(each // 3 + 1)}",
            reverts=f"{chance.randrange(each)}" if each and chance.random() < 0.2 else "",
            times=Times(requested=NOW, finished=NOW + timedelta(minutes=each)),
        )
        for each in range(number)
    ]


def test_of_nothing_it_says_nothing() -> None:
    assert summary_of([]) == Summary()
    assert Summary().is_verified("sha256:a") is False


@pytest.mark.parametrize("seed", range(20))
def test_it_says_what_all_entries_say_or_that_only_they_can_tell(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "NEWEST", 10)
    entries = past(40, seed)
    short = summary_of(entries)
    assert short.newest == entries[-1]
    assert short.has_verified == (ledger.last_verified(entries) is not None)
    said = {release: short.is_verified(release) for release in {each.release for each in entries}}
    assert any(answer is not None for answer in said.values())
    assert all(answer in (None, ledger.verified(entries, release)) for release, answer in said.items())
    newest = {each.promotion for each in entries[-10:]}
    assert {*short.choices} == restorable.choices(entries) & newest


def test_it_is_bounded() -> None:
    short = summary_of(past(5 * summary.NEWEST))
    assert not short.is_whole
    assert 0 < len(short.releases) <= summary.NEWEST
    assert 0 < len(short.choices) <= summary.NEWEST


def test_a_change_past_the_gates_is_named_until_the_next_promotion() -> None:
    hand = entry(promotion="hand", outcome="verified", by_hand=ByHand(how="pushed", by="ada", bypassed=("paused",)))
    back = entry(promotion="back", kind="rollback", outcome="verified", reverts="hand")
    assert summary_of([entry(), hand]).past_gates == hand
    assert summary_of([entry(), hand, back]).past_gates == hand
    assert summary_of([entry(), hand, entry(promotion="next")]).past_gates is None
