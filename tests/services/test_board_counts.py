"""A board that is made again costs what changed: no cell, no list of files and no text of `liftgate.json` twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from liftgate.domain.config import configuration
from liftgate.domain.drift.record import Drifting
from liftgate.integrations.git import object_reader
from liftgate.services import board as boards
from liftgate.services import cells, values_there
from tests.examples import text, values
from tests.lab import configured
from tests.server.world import World
from tests.services.test_recovery_calls import line
from tests.services.walk import gated

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
