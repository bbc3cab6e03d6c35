from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from liftgate.errors import Misconfigured
from liftgate.steps import json_lint
from liftgate.steps.registry import BUILT_IN, entries, find, names


def forget() -> None:
    find.cache_clear()
    entries.cache_clear()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path with an installed distribution that brings steps of its own."""
    metadata = tmp_path / "team_steps-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: team-steps\nVersion: 1.0\n")
    entries = (
        "budget = team_steps:Budget\nbroken = team_missing\nno-step = team_steps:VALUE\njson-lint = team_steps:Budget\n"
        "careless = team_steps:Careless\n"
    )
    (metadata / "entry_points.txt").write_text(f"[liftgate.steps]\n{entries}")
    (tmp_path / "team_steps.py").write_text(
        "from liftgate.plugins import passed\nVALUE = 1\n"
        "class Budget:\n    @staticmethod\n    def run(context):\n        return passed('cheap')\n"
        "class Careless:\n    @staticmethod\n    def run(context):\n        raise ValueError('never ready')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    forget()
    yield tmp_path
    forget()
    sys.modules.pop("team_steps", None)


def test_a_built_in_step_is_found_by_its_name() -> None:
    assert find("json-lint") is json_lint


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_built_in_step_is_there(name: str) -> None:
    assert callable(find(name).run)


def test_an_unknown_step_comes_with_the_nearest_right_one() -> None:
    with pytest.raises(Misconfigured, match='did you mean "schema-validation"'):
        find("scheme-validation")


@pytest.mark.usefixtures("package")
class TestSteps:
    def test_a_step_of_the_team_comes_by_entry_point(self) -> None:
        assert "budget" in names()
        assert find("budget").run(None).reason == "cheap"  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("broken", "cannot be imported from team_missing"),
            ("no-step", "has no function run"),
            ("json-lint", "Two packages"),
        ],
    )
    def test_what_is_no_step_is_misconfigured(self, name: str, why: str) -> None:
        with pytest.raises(Misconfigured, match=why):
            find(name)
