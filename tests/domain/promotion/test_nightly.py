from __future__ import annotations

import pytest

from liftgate.domain.promotion.nightly import Fate, Outcome, fate_of, nightly_markdown, nightly_summary


def outcome(name: str, fate: Fate, sentence: str = "") -> Outcome:
    return Outcome(application=name, fate=fate, sentence=sentence)


@pytest.mark.parametrize(
    ("state", "name", "fate"),
    [
        ("COMPLETED", "Promoted", "promoted"),
        ("COMPLETED", "NothingToDo", "nothing to do"),
        ("PAUSED", "Suspended", "waiting for people"),
        ("FAILED", "Refused", "failed"),
        ("CANCELLED", "Cancelled", "failed"),
        ("CRASHED", "Crashed", "still running"),
        ("SCHEDULED", "Scheduled", "still running"),
    ],
)
def test_a_runs_state_is_one_fate(state: str, name: str, fate: str) -> None:
    assert fate_of(state, name) == fate


def test_the_summary_counts_and_names_what_went_wrong() -> None:
    night = (outcome("a", "promoted"), outcome("b", "nothing to do"), outcome("c", "failed", "two\nlines"))
    assert nightly_summary("dev", night) == "dev: 1 promoted, 1 nothing to do, 1 failed; c: two lines"
    assert nightly_summary("dev", ()) == "dev: no application"


def test_many_failures_are_counted_not_listed() -> None:
    said = nightly_summary("dev", tuple(outcome(f"app{at}", "not started", "why") for at in range(9)))
    assert said.startswith("dev: 9 not started; app0: why; ")
    assert said.endswith("app4: why; and 4 more")


def test_those_that_had_nothing_to_do_are_one_line_with_their_versions() -> None:
    same = tuple(Outcome(application=name, fate="nothing to do", version="1.0.1") for name in ("b", "a"))
    page = nightly_markdown("dev", (*same, outcome("c", "nothing to do"), outcome("d", "promoted")))
    assert page.splitlines()[-2:] == ["", "3 nothing to do: a 1.0.1, b 1.0.1, c"]
    assert "| d | promoted |  |" in page


def test_the_table_has_all_and_what_went_wrong_first() -> None:
    table = nightly_markdown("dev", (outcome("a", "promoted"), outcome("b|c", "failed", "<img>\n| x")))
    assert table.splitlines()[4:] == ["| b\\|c | failed | &lt;img> \\| x |", "| a | promoted |  |"]
