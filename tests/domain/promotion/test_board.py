"""What a place on the board says, from its values, its outcomes and what is going on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.ledger.summary import summary_of
from liftgate.domain.promotion.board import Cell, Going, Line, There, at_work, board, by_application, strays
from liftgate.domain.promotion.board import cell as cell_of
from tests.examples import NOW, entry

RELEASE = "sha256:" + "a" * 64
HERE = There(application="example-app", environment="staging", version="1.4.2", release=RELEASE)


def cell(there: There, entries: list[Entry], going: Sequence[Going]) -> Cell:
    short = summary_of(entries)
    at_rest = cell_of(there, short.newest, is_verified=short.is_verified(there.release) or False)
    return at_work(at_rest, there.application, going)


def going(**changes: object) -> Going:
    plain = {"promotion": "p", "title": "t", "application": "example-app", "environment": "staging"}
    return Going.model_validate(plain | {"activity": "waiting", "sentence": "s", "since": NOW} | changes)


def test_those_under_way_are_found_by_application_so_that_no_cell_looks_at_all_of_them() -> None:
    here, there = going(promotion="1"), going(promotion="2", application="billing")
    found = by_application([here, there, going(promotion="3", environment="prod")])
    assert [each.promotion for each in found["example-app"]] == ["1", "3"]
    assert cell(HERE, [], found["example-app"]).going == (here,)
    assert found["unknown"] == []


def test_the_newest_outcome_gives_the_state() -> None:
    assert cell(HERE, [entry()], []).state == "verified"
    assert cell(HERE, [entry(release="sha256:other")], []).state == "not verified"
    assert cell(HERE, [], []).state == "not verified"
    assert cell(HERE, [entry(), entry(outcome="rolled back")], []).state == "rolled back"
    assert cell(HERE, [entry(outcome="rollback failed")], []).state == "failed"
    assert cell(HERE, [entry(), entry(outcome="refused")], []).state == "verified"


def test_a_release_without_a_version_is_named_by_its_id() -> None:
    assert cell(HERE, [entry()], []).release_name == "1.4.2"
    assert cell(HERE.copy_with(version=""), [entry()], []).release_name == "a" * 12
    assert cell(There(application="a", environment="e"), [], []).release_name == ""


def test_a_rollback_leads_to_the_promotion_it_took_back() -> None:
    back = entry(kind="rollback", outcome="verified", reverts="the bad one")
    by_itself = cell(HERE, [back, entry(promotion="the bad one", outcome="rolled back")], [])
    assert (by_itself.state, by_itself.newest) == ("rolled back", "the bad one")
    by_a_person = cell(HERE, [entry(promotion="the bad one", outcome="rollback failed"), back], [])
    assert (by_a_person.state, by_a_person.newest) == ("verified", "the bad one")


def test_after_going_back_to_a_chosen_promotion_the_board_says_that_of_its_version() -> None:
    later = entry(promotion="later", release="sha256:later", version="1.4.3")
    back = entry(promotion="back", kind="rollback", outcome="verified", previous="1.4.2", restores="1",
                 took_back=("later",))  # fmt: skip
    shown = cell(HERE, [entry(), later, back], [])
    assert (shown.state, shown.version, shown.newest) == ("verified", "1.4.2", "back")
    assert shown.sentence == "Rolled staging back to 1.4.2 in 0.0 s."
    failed = back.copy_with(outcome="rollback failed")
    assert cell(HERE, [entry(), later, failed], []).state == "failed"
    moved = There(application="example-app", environment="staging", version="9", release="sha256:by hand")
    assert cell(moved, [entry(), later, back], []).state == "not verified"


def test_what_cannot_be_read_says_why() -> None:
    shown = cell(There(application="a", environment="e", trouble="values.json:1:2: odd"), [], [])
    assert (shown.state, shown.sentence) == ("failed", "values.json:1:2: odd")
    assert cell(There(application="a", environment="e"), [], []).state == "nothing"


def test_what_is_going_on_stands_in_its_place_only() -> None:
    elsewhere = [going(environment="prod"), going(application="another")]
    assert cell(HERE, [], [going(), *elsewhere]).going == (going(),)


def test_who_waits_longest_comes_first_and_waiting_applications_before_others() -> None:
    old, new = going(promotion="old", since=NOW - timedelta(hours=1)), going(promotion="new")
    quiet = Line(application="a", cells=())
    busy = Line(application="b", cells=(cell(HERE, [], [new]),))
    made = board(["staging"], [quiet, busy], [new, old, going(activity="running")], [])
    assert [each.promotion for each in made.waiting] == ["old", "new"]
    assert [line.application for line in made.lines] == ["b", "a"]


def test_a_commit_is_a_stray_without_outcome_and_run() -> None:
    assert strays(["x", "y", "z"], ["x"], ["y"]) == ("z",)
