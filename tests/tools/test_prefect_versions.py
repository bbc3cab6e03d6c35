"""The oldest and the newest supported version of Prefect are the ones that were tried."""

from __future__ import annotations

import pytest

from liftgate.runtime.project import project_root
from tools.checkout import suite
from tools.prefect_versions import CHOSEN, TESTS, locked, oldest
from worker.private_names import TRIED


def test_both_ends_of_the_range_were_tried() -> None:
    assert (oldest(), locked()) == (TRIED[0], TRIED[-1])


def test_the_page_of_supported_versions_names_both() -> None:
    page = (project_root() / "docs/maintain/supported.md").read_text()
    (line,) = [line for line in page.splitlines() if line.startswith("| Prefect |")]
    assert oldest() in line
    assert locked() in line


def test_the_tests_that_it_runs_are_there() -> None:
    assert [path for path in TESTS if not (project_root() / path).is_dir()] == []


@pytest.mark.parametrize("options", [CHOSEN, (*suite.PARALLEL, *suite.CHOSEN)])
def test_pytest_knows_the_options(options: tuple[str, ...], pytestconfig: pytest.Config) -> None:
    """A plugin that the checkout gave up takes its options along."""
    assert pytestconfig._parser.parse([*options]).file_or_dir == []
