"""`./dev test` runs the few tests that failed again, alone; what fails then, or too much at once, fails the suite."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tools.checkout import suite

TESTS = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range({failing}))
def test_late(number):
    mark = Path(__file__).with_name(f"ran-{{number}}")
    first = not mark.exists()
    mark.touch()
    assert not ({always} or first)

def test_good():
    with Path(__file__).with_name("good").open("a") as file:
        file.write("ran")
"""


def ran(folder: Path, failing: int, *, always: bool) -> int:
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = long: a marked run\n")
    (folder / "test_it.py").write_text(TESTS.format(failing=failing, always=always))
    variables = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    variables["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # it starts faster
    return suite.run(Path(sys.executable), folder, variables, [], parallel=())


@pytest.mark.parametrize(("failing", "code"), [(suite.AGAIN, 0), (suite.AGAIN + 1, 1)])
def test_a_few_tests_that_failed_once_are_run_again_and_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], failing: int, code: int
) -> None:
    assert ran(tmp_path, failing, always=False) == code
    named = capfd.readouterr().out.count("passed only when it ran alone")
    assert named == (failing if code == 0 else 0)
    assert (tmp_path / "good").read_text() == "ran", "what passed is not run again"


def test_a_test_that_fails_again_fails_the_suite(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert ran(tmp_path, 1, always=True) == 1
    assert "test_late[0]: failed in the whole suite" in capfd.readouterr().out


def test_a_folder_for_temporary_files_that_the_caller_chose_is_taken(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long: a marked run\n")
    (tmp_path / "test_it.py").write_text(
        f"import os\ndef test_it():\n    assert os.environ['TMPDIR'] == '{tmp_path}'\n"
    )
    chosen = {**os.environ, "TMPDIR": str(tmp_path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    assert suite.run(Path(sys.executable), tmp_path, chosen, [], parallel=()) == 0
