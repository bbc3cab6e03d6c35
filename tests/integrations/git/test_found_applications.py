"""Where `liftgate.json` names no application, a new commit costs the reading of the files that it changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from liftgate.integrations.git import found_applications, object_reader
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR

MANY = 40
PLACES = ("dev", "prod")
CONFIGURATION = json.dumps({"environments": {place: f"/configs/{place}" for place in PLACES}}).encode()


def values(name: str, version: int = 1) -> bytes:
    return json.dumps({"application": {"name": name, "version": f"1.{version}.0"}}).encode()


def path(name: str, place: str) -> str:
    return f"configs/{place}/{name}/values.json"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    Git(tmp_path)("init", "-q", "--bare", "here.git")
    return Repository(tmp_path / "here.git")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The values files that git was asked for."""
    found, usual = list[str](), object_reader._line

    def line(verb: str, name: str) -> bytes:
        found.extend([name.partition(":")[2]] if name.endswith("values.json") else [])
        return usual(verb, name)

    monkeypatch.setattr(object_reader, "_line", line)
    return found


def begun(repository: Repository, asked: list[str], commit: str) -> ConfigSnapshot:
    """As a process that has just begun finds it."""
    found_applications._remembered.forget()
    asked.clear()
    return ConfigSnapshot(Repository(repository.git.directory), commit)


def test_names_are_read_once_for_each_content(repository: Repository, asked: list[str]) -> None:
    names = [f"app-{number:02}" for number in range(MANY)]
    files: dict[str, bytes | None] = {path(name, place): values(name) for name in names for place in PLACES}
    first = repository.write("", files | {"liftgate.json": CONFIGURATION}, "First\n", NOW, AUTHOR, None)
    assert [*begun(repository, asked, first).readable] == names
    assert {*asked} == {*files}
    changed: dict[str, bytes | None] = {path(names[3], "dev"): values(names[3], 2), path("new", "prod"): values("new")}
    second = repository.write(first, changed, "Second\n", NOW, AUTHOR, None)
    tree = begun(repository, asked, second)
    assert sorted(tree.readable) == sorted([*names, "new"])
    assert tree.readable["new"].folder == "new"
    assert {*asked} == {*changed}
    assert [*begun(repository, asked, first).readable] == names
    assert asked == []


def test_what_tells_no_name_is_said_of_each_path_and_each_time(repository: Repository, asked: list[str]) -> None:
    broken: dict[str, bytes | None] = {
        path("one", "dev"): b"{",
        path("two", "dev"): b'{"application": {}}',
        path("three", "dev"): b"{",
        path("three", "prod"): values("three"),
    }
    commit = repository.write("", broken | {"liftgate.json": CONFIGURATION}, "First\n", NOW, AUTHOR, None)
    for _ in range(2):
        tree = begun(repository, asked, commit)
        assert [*tree.readable] == ["three"], "its neighbour tells it"
        assert sorted(tree.nameless) == [path("one", "dev"), path("two", "dev")]
        assert path("two", "dev") in tree.nameless[path("two", "dev")]
