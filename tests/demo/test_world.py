"""A demo begins with nothing of an earlier one, and takes nothing from one that runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from liftgate.demo.world import World
from liftgate.errors import Unavailable
from liftgate.runtime import postgres
from liftgate.runtime.postgres import EmbeddedPostgres


class Bare(World):
    """Without its programs."""

    def _bring_up(self) -> None:
        (self.folder / "something").touch()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that Postgres, when root starts it, cannot reach."""
    monkeypatch.setattr(postgres, "ROOTS_OWN", tmp_path / "roots-own")
    tmp_path.chmod(0o700)
    return tmp_path / "demo"


def bare(folder: Path) -> World:
    return Bare(folder, os.environ, lambda _: None)


def test_what_an_earlier_one_left_is_gone_wherever_postgres_had_it(folder: Path) -> None:
    with bare(folder):
        data = EmbeddedPostgres(folder).data
        data.mkdir(parents=True)
        (data / "PG_VERSION").write_text("18")
    assert data.is_relative_to(folder.parent / "roots-own" if os.geteuid() == 0 else folder)
    with bare(folder):
        assert not data.exists()
        assert [path.name for path in folder.iterdir()] == ["something"]


def test_a_second_one_in_the_same_folder_leaves_the_first_alone(folder: Path) -> None:
    with bare(folder):
        with pytest.raises(Unavailable, match=r"a demo runs in .*--folder"), bare(folder):
            pass
        assert (folder / "something").exists()
    with bare(folder):
        pass
