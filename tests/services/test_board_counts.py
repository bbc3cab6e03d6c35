"""A board that is made again costs what changed: no cell, no list of files and no text of `liftgate.json` twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from liftgate.domain.config import configuration
from liftgate.domain.drift.record import Drifting
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git import object_reader
from liftgate.integrations.git.read_ahead import AT_ONCE
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.services import board as boards
from liftgate.services import cells, values_there
from liftgate.settings import Settings
from liftgate.settings.sections import Repository
from liftgate.wiring import Integrations
from tests.examples import text, values
from tests.lab import configured
from tests.server.world import World
from tests.services.test_recovery_calls import line
from tests.services.walk import gated
from tools.bench.long_history import Past

WAITING = 30


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Cells that were made, and what was read: values of places, objects of git, texts of the configuration."""
    seen = Counter[str]()
    for module, name, what in (
        (cells, "_cell", "cells"),
        (values_there, "_there", "places"),
        (object_reader, "_line", "objects"),
        (configuration, "read", "configurations"),
    ):
        monkeypatch.setattr(module, name, counted(getattr(module, name), seen, what))
    return seen


def counted(usual: Any, seen: Counter[str], what: str) -> Any:
    def one_more(*given: Any, **more: Any) -> Any:
        seen[what] += 1
        return usual(*given, **more)

    return one_more


def test_a_board_that_is_made_again_makes_no_cell_and_reads_no_file_again(world: World, seen: Counter[str]) -> None:
    gated(world)
    world.at.git.fetch()
    line(world, WAITING)
    first = boards.board(world.at, Drifting())
    assert seen["cells"] == len(first.lines) * len(first.environments)
    assert len(first.waiting) == WAITING
    seen.clear()
    assert boards.board(world.at, Drifting()) == first
    assert (seen["cells"], seen["configurations"]) == (0, 0)
    assert seen["objects"] <= 3 * WAITING + 20


def test_another_commit_of_values_reads_only_its_place_again(world: World, seen: Counter[str]) -> None:
    first = boards.board(world.at, Drifting())
    seen.clear()
    world.lab.commit({"configs/prod/values.json": text(values("prod", "1.4.9")), "README.md": b"for people\n"})
    world.at.git.fetch()
    found = boards.board(world.at, Drifting())
    assert (seen["configurations"], seen["places"]) == (0, 1)
    (before,), (now,) = first.lines, found.lines
    assert [cell.version for cell in now.cells] == [*(cell.version for cell in before.cells[:-1]), "1.4.9"]


@pytest.mark.parametrize(
    "path", ["liftgate.json", "schemas/values.schema.json"], ids=["the configuration", "perhaps a schema"]
)
def test_a_commit_of_anything_that_may_decide_reads_all_places_again(
    world: World, seen: Counter[str], path: str
) -> None:
    first = boards.board(world.at, Drifting())
    seen.clear()
    world.lab.commit({path: text(configured(world.lab, policy={"dev": {"soak": "1m"}}))})
    world.at.git.fetch()
    boards.board(world.at, Drifting())
    assert seen["places"] == len(first.environments)


def test_a_first_board_waits_for_git_a_few_times_however_many_applications_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = Past(tmp_path / "config.git", 2 * AT_ONCE, 0)
    past.make()
    at = Integrations(Settings(repository=Repository(url=str(past.directory)), state=tmp_path / "state"))
    at.runs = InMemoryRuns(SystemClock()).runs()
    assert len(at.latest.applications) == past.applications
    asked, usual = list[int](), object_reader.ObjectReader._answers

    def counted_answers(of: Any, lines: list[bytes], **more: bool) -> Any:
        asked.append(len(lines))
        return usual(of, lines, **more)

    monkeypatch.setattr(object_reader.ObjectReader, "_answers", counted_answers)
    shown = boards.board(at, Drifting())
    assert {cell.version for line in shown.lines for cell in line.cells} == {"1.0.0"}
    places = past.applications * len(shown.environments)
    assert 2 * places <= sum(asked) <= 2 * places + 20, "each file once, and its folder"
    assert len(asked) <= places / 5
