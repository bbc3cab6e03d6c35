"""The shape of the code: who may import whom, no import circles, and files and functions that fit on a page or two."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.syntax import OURS, ROOT, File, parsed
from tools.checkout.checks import CODE, LONGEST_FILE

LONGEST_FUNCTION: Final = 40
LONGEST_TASK: Final = 25
LATE: Final = (
    "liftgate/cli/",  # the command line answers at once: a command imports what it alone needs
    "liftgate/wiring.py",  # an integration is imported where it is used first
    "worker/__main__.py",  # Prefect is imported when the keys are gone, and in another process than theirs
    "worker/zygote.py",  # the keeper's code is needed in its own process only
)
"""Where a function may import modules of ours. Elsewhere nothing is gained by it, and a circle could hide there."""


@cache
def files() -> dict[str, File]:
    """The code by path, as seen from the root."""
    found = (path for name in CODE for path in sorted((ROOT / name).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): parsed(path) for path in found}


def test_all_contracts_are_kept() -> None:
    """Circles are among them, by imports inside of functions too."""
    command = [str(Path(sys.executable).with_name("lint-imports"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_function_imports_modules_of_ours_only_where_something_is_gained_by_it() -> None:
    found = {
        f"{path}:{function.line} {function.name} imports {name}"
        for path, file in files().items()
        if path.startswith(OURS) and not path.startswith(LATE)
        for function in file.functions
        for name in function.imports
        if name.partition(".")[0] in ("", *OURS)
    }
    assert not found


@pytest.mark.parametrize("place", LATE)
def test_the_exceptions_are_needed(place: str) -> None:
    late = (function for path, file in files().items() if path.startswith(place) for function in file.functions)
    assert any(name.startswith(OURS) for function in late for name in function.imports), f"remove {place} from LATE"


def test_files_and_functions_are_short() -> None:
    long_files = {path for path in files() if len((ROOT / path).read_text().splitlines()) > LONGEST_FILE}
    long = {
        (path, function.name)
        for path, file in files().items()
        for function in file.functions
        if function.lines >= LONGEST_FUNCTION
    }
    assert (long_files, long) == (set(), set())


def test_a_task_unwraps_prefect_and_calls_a_use_case() -> None:
    """What is longer than that is a use case, and tried without Prefect."""
    long = {
        (path, function.name)
        for path, file in files().items()
        if path.startswith("tasks/")
        for function in file.functions
        if any("task" in decorator for decorator in function.decorators) and function.lines >= LONGEST_TASK
    }
    assert not long


def test_a_changed_copy_is_checked() -> None:
    """`Value.copy_with` checks the fields; pydantic's own `model_copy` takes anything."""
    settings = "liftgate/cli/connection.py"  # pydantic's settings are no Value
    code = (path for path in files() if path.startswith(("flows/", "tasks/", "liftgate/")) and "/sandbox/" not in path)
    uses = {path for path in code if "model_copy(" in (ROOT / path).read_text()}
    assert uses == {settings}
