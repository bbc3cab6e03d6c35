"""The order of the suite names places that exist, and what is slow to start is started once."""

from __future__ import annotations

import gc
import re

from liftgate.runtime.project import project_root
from tests.scheduling import EACH_BY_ITSELF, FIRST, begun_elsewhere, unit

ONCE = re.compile(r"@pytest\.fixture\(scope=\"module\"")


def test_every_place_exists() -> None:
    assert [place for place in {*FIRST, *EACH_BY_ITSELF} if not (project_root() / place).exists()] == []


def test_the_tests_of_a_file_with_something_started_once_stay_together() -> None:
    shared = [path for path in (project_root() / "tests").rglob("test_*.py") if ONCE.search(path.read_text())]
    names = [path.relative_to(project_root()).as_posix() for path in shared]
    assert len(names) > 3
    assert [name for name in names if unit(f"{name}::one") != unit(f"{name}::another")] == []


def test_each_process_collects_everything_and_begins_where_no_other_does() -> None:
    folders, root = ["tests", "sandbox/sandbox_tests"], project_root()
    collected = [begun_elsewhere(root, folders, f"gw{number}", 4) for number in range(4)]
    assert len({each[0] for each in collected}) == 4
    assert all(sorted(each) == sorted(collected[0]) for each in collected)
    files = {path.relative_to(root) for folder in folders for path in (root / folder).rglob("test_*.py")}
    assert [file for file in files if not any(file.is_relative_to(place) for place in collected[0])] == []


def test_garbage_is_searched_for_in_tests_and_not_among_what_was_collected() -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
