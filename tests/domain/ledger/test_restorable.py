"""Which promotion's values can come back, and what is said of the others."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.ledger import restorable
from liftgate.domain.ledger.ledger import Entry
from liftgate.errors import Refused
from tests.examples import entry

HERE = ("example-app", "staging")


def promotion(letter: str, **more: Any) -> Entry:
    return entry(**({"promotion": letter * 8 + "-0000-7000-8000-000000000000"} | more))


A, B = promotion("a"), promotion("b", version="1.4.3")
BACK = promotion("c", kind="rollback", outcome="verified", restores=A.promotion, took_back=(B.promotion,))


def refused(entries: list[Entry], wanted: str) -> str:
    with pytest.raises(Refused) as error:
        restorable.choose_entry(entries, *HERE, wanted)
    return str(error.value)


def test_a_verified_promotion_is_meant_by_its_id_or_enough_of_it() -> None:
    found = promotion("f", outcome="verified")
    for wanted, meant in ((A.promotion, A), ("bbbbbbbb", B), (found.promotion, found)):
        assert restorable.choose_entry([A, B, found], *HERE, wanted) == meant


def test_an_unknown_one_names_the_nearest_and_where_all_are() -> None:
    said = refused([A, B], "aaaaaaaa-0000-7000-8000-00000000000f")
    assert f'did you mean "{A.promotion}"?' in said
    assert "liftgate history" in said
    assert "knows no promotion" in refused([], "x")


def test_too_little_of_an_id_is_told_to_be_more() -> None:
    twin = promotion("a", promotion="aaaaaaaa-1111-7000-8000-000000000000")
    assert "matches several promotions" in refused([A, twin], "aaaaaaaa")
    assert "knows no promotion" in refused([A], "aaaa")


def test_one_of_another_place_is_named_with_its_place() -> None:
    elsewhere = promotion("d", environment="prod")
    said = refused([A, elsewhere], elsewhere.promotion)
    assert "belongs to example-app in prod, not to example-app in staging" in said
    assert "--environment staging" in said


@pytest.mark.parametrize("outcome", ["rolled back", "failed", "refused", "expired", "superseded", "rollback failed"])
def test_one_that_was_never_verified_says_so_and_the_last_that_was(outcome: str) -> None:
    said = refused([A, promotion("d", outcome=outcome, reason="why")], promotion("d").promotion)
    assert "was never verified in staging" in said
    assert f"the last verified one is {A.promotion} (1.4.2)" in said


def test_one_that_was_taken_back_says_by_what_and_how_to_have_it_again() -> None:
    said = refused([A, B, BACK], B.promotion)
    assert f"rollback {BACK.promotion} reverted" in said
    assert f"liftgate promote example-app --to staging --release {B.release}" in said
    update = B.copy_with(kind="update")
    assert "repeat the update" in refused([A, update, BACK], B.promotion)


def test_a_rollback_is_no_promotion_to_go_back_to() -> None:
    said = refused([A, B, BACK], BACK.promotion)
    assert f"is a rollback to {A.promotion}" in said


def test_a_page_is_told_why_not_in_the_same_words() -> None:
    assert restorable.why_not(A, [A, B, BACK]) == ""
    assert "reverted" in restorable.why_not(B, [A, B, BACK])
