"""`./dev long`: what passed longest ago runs first; what passed is remembered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.long_tests import PASSED, LongTests

TESTS = """
import os, signal
from pathlib import Path
import pytest

def ran(name):
    with Path(__file__).with_name("ran").open("a") as file:
        file.write(name + " ")

@pytest.mark.parametrize("number", [1, *(pytest.param(number, marks=pytest.mark.long) for number in (2, 3))])
def test_a(number):
    ran(f"a{number}")

@pytest.mark.long
def test_b():
    ran("b")
    if Path(__file__).with_name("interrupts").exists():
        os.kill(os.getppid(), signal.SIGINT)
    assert not Path(__file__).with_name("wrong").exists(), "seen by people"

@pytest.mark.long
def test_c():
    ran("c")

def test_quick():
    ran("quick")
"""
A, B, C = (f"tests/test_it.py::test_{letter}" for letter in "abc")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long: a marked run\n")
    (tmp_path / "tests/test_it.py").write_text(TESTS)
    before = {A: {"on": "2026-11-30"}, B: {"on": "2026-11-02"}}
    (tmp_path / PASSED).write_text(json.dumps(before))
    return tmp_path


def test_those_that_passed_longest_ago_run_first_and_what_passes_is_remembered(project: Path) -> None:
    tests = LongTests(project)
    found = tests.found()
    assert found == {C: 1, B: 1, A: 2}
    assert [*found] == [C, B, A]
    assert tests.run(found, seconds=600, at_once=1) == []
    assert (project / "tests/ran").read_text().split() == ["c", "b", "a2", "a3"]
    passed = tests.passed()
    assert [*passed] == [A, B, C]
    assert passed[A]["cases"] == 2
    assert min(each["on"] for each in passed.values()) > "2026-11-30"
    assert tests.summary(found).startswith("3 of 3 long tests have passed")


def test_one_that_fails_stops_no_other_and_keeps_its_date(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "tests/wrong").touch()
    tests = LongTests(project)
    assert tests.run(tests.found(), seconds=600, at_once=2) == [B]
    assert sorted((project / "tests/ran").read_text().split()) == ["a2", "a3", "b", "c"]
    assert tests.passed()[B] == {"on": "2026-11-02"}
    assert "seen by people" in capfd.readouterr().out


def test_after_its_time_no_further_one_begins(project: Path) -> None:
    tests = LongTests(project)
    assert tests.run(tests.found(), seconds=0, at_once=2) == []
    assert not (project / "tests/ran").exists()
    assert tests.summary(tests.found()) == "2 of 3 long tests have passed, the oldest on 2026-11-02"


def test_when_it_is_interrupted_no_further_one_begins(project: Path) -> None:
    (project / "tests/interrupts").touch()
    tests = LongTests(project)
    with pytest.raises(KeyboardInterrupt):
        tests.run(tests.found(), seconds=600, at_once=1)
    assert (project / "tests/ran").read_text().split() == ["c", "b"]


def test_what_cannot_be_collected_is_said(project: Path) -> None:
    (project / "tests/test_broken.py").write_text("import no_such_module")
    with pytest.raises(SystemExit, match="no_such_module"):
        LongTests(project).found()
