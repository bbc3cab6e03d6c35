"""The Liftgate server packs its mirror while no run is active."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from liftgate.errors import Unavailable
from liftgate.integrations.git import tidy
from liftgate.services.upkeep import Upkeep, remove_left
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


def test_in_a_folder_of_people_only_temporary_files_are_removed(tmp_path: Path) -> None:
    """`LIFTGATE_STATE` may be beside a clone, or keys, that have names like these."""
    for name in ("liftgate-config/values.json", "liftgate-keys/worker_key", "tmp-notes/a", "tmpfiles.d/a"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    for name in ("tmpab12cd_3", "tmp.json"):
        (tmp_path / name).touch()
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    remove_left(tmp_path, is_ours=False)
    kept = ["liftgate-config", "liftgate-keys", "tmp-notes", "tmp.json", "tmpfiles.d"]
    assert sorted(path.name for path in tmp_path.iterdir()) == kept
