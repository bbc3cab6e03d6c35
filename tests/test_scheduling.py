"""The order of the suite names places that exist, and what is slow to start is started once."""

from __future__ import annotations

import gc
import re

from liftgate.runtime.project import project_root
from tests.scheduling import EACH_BY_ITSELF, FIRST, unit

ONCE = re.compile(r"@pytest\.fixture\(scope=\"module\"")


def test_every_place_exists() -> None:
    assert [place for place in {*FIRST, *EACH_BY_ITSELF} if not (project_root() / place).exists()] == []


def test_the_tests_of_a_file_with_something_started_once_stay_together() -> None:
    shared = [path for path in (project_root() / "tests").rglob("test_*.py") if ONCE.search(path.read_text())]
    names = [path.relative_to(project_root()).as_posix() for path in shared]
    assert len(names) > 3
    assert [name for name in names if unit(f"{name}::one") != unit(f"{name}::another")] == []


def test_garbage_is_searched_for_in_tests_and_not_among_what_was_collected() -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
