"""The Liftgate server packs its mirror while no run is active."""

from __future__ import annotations

import pytest

from liftgate.errors import Unavailable
from liftgate.integrations.git import tidy
from liftgate.services.upkeep import Upkeep
from tests.server.world import World


def packs(world: World) -> int:
    return len(list((world.at.git.directory / "objects" / "pack").glob("*.pack")))


def test_the_mirror_is_packed_while_no_run_is_active(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.waiting()
    run = world.run()
    while packs(world) < 2:
        world.lab.commit({"README.md": str(packs(world)).encode()})
        world.at.git.fetch()
    monkeypatch.setattr(tidy, "PACKS", 2)
    world.put(run, "RUNNING")
    Upkeep(world.at).once()
    assert packs(world) >= 2
    world.put(run, "COMPLETED")
    Upkeep(world.at).once()
    assert packs(world) == 1


def test_while_prefect_does_not_answer_runs_may_be_active(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(**_: object) -> None:
        raise Unavailable("Prefect does not answer")

    monkeypatch.setattr(world.at.runs, "find", silent)
    monkeypatch.setattr(tidy, "PACKS", 1)
    world.at.git.fetch()
    Upkeep(world.at).once()
    assert not (world.at.git.directory / "objects" / "info" / "commit-graph").exists()
