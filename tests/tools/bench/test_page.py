from __future__ import annotations

import pytest

from tools.bench import worker
from tools.bench.__main__ import PAGE, main, page


def test_a_section_that_does_not_exist_measures_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--small", "promotoin"])
    said = capsys.readouterr()
    assert said.out == ""
    assert 'did you mean "promotion"?' in said.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["values", "--waiting", "10"], "are for: ./dev bench scale"),
        (["--applications", "10"], "are for: ./dev bench scale"),
        (["scale", "--small", "--waiting", "10"], "are for: ./dev bench scale"),
        (["scale", "--applications", "10,many"], '"many" is not a number of at least 1'),
        (["values", "--usual", "10"], "are for: ./dev bench scale"),
        (["scale", "--waiting", "0"], '"0" is not a number of at least 1'),
    ],
)
def test_a_wrong_number_measures_nothing(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    found = capsys.readouterr()
    assert found.out == ""
    assert said in found.err


def test_writing_what_was_not_measured_changes_nothing() -> None:
    assert page(PAGE.read_text(), {}) == PAGE.read_text()


def test_a_measured_section_takes_the_place_of_the_old_one_and_leaves_the_others() -> None:
    written = page(
        "# Benchmarks\n\n## The secret scan\n\nold\n\n## Starting a flow\n\nkept\n", {"The secret scan": "new"}
    )
    assert written.endswith("## The secret scan\n\nnew\n\n## Starting a flow\n\nkept\n")
    assert "old" not in written


def test_a_section_that_people_wrote_stays_below_the_others() -> None:
    written = page(
        "# Benchmarks\n\n## Before and after\n\nby hand\n\n## Starting a flow\n\nold\n", {"Starting a flow": "new"}
    )
    assert written.endswith("## Starting a flow\n\nnew\n\n## Before and after\n\nby hand\n")


def test_the_flow_that_the_worker_is_measured_with_is_there() -> None:
    """The worker finds it by this name."""
    found: dict[str, object] = {}
    exec(worker.PROGRAM, found)  # noqa: S102  our own text
    assert callable(found[worker.FLOW])
