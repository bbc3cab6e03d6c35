"""How much a command does where there are many applications: files read, schemas compiled, git processes started."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from liftgate.integrations.git.object_reader import Object, ObjectReader
from liftgate.integrations.git.repository import File
from liftgate.integrations.git.work_tree import WorkTree
from liftgate.steps import simple_schema
from tests import layouts
from tests.cli.conftest import Folder, Said

Liftgate = Callable[..., Said]
ENVIRONMENTS: Final = ("dev", "staging", "prod")
NAMES: Final = [f"shop-{number}" for number in range(40)]


def values(environment: str, name: str, tag: str) -> dict[str, Any]:
    return {"image": {"repository": f"registry.example.com/{name}", "tag": tag}, "url": f"https://{name}.{environment}"}


@pytest.fixture
def repo(tmp_path: Path, gitconfig: Path, liftgate: Liftgate) -> Folder:
    """Adopted, with one application that has a newer version in dev."""
    files = {
        f"envs/{place}/{name}/values.json": values(place, name, "1.4.0") for name in NAMES for place in ENVIRONMENTS
    }
    files["envs/dev/shop-7/values.json"]["image"]["tag"] = "1.5.0"
    layouts.make({"files": files}, tmp_path / "shop")
    folder = Folder(tmp_path / "shop")
    assert liftgate("adopt", "--yes", "--repo", str(folder.path)).code == 0
    folder.commit("Adopt Liftgate")
    return folder


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many git processes were started, as git itself tells it."""
    told = tmp_path / "trace2"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(told))

    def count() -> int:
        events = [json.loads(line) for line in told.read_text().splitlines()]
        return sum(each["event"] == "start" for each in events)

    return count


def test_a_plan_reads_no_values_of_other_applications(
    repo: Folder, liftgate: Liftgate, started: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Across applications it knows only what `liftgate.json` says of their paths."""
    read: list[str] = []
    plainly = ObjectReader.objects

    def objects(self: ObjectReader, names: Sequence[str]) -> list[Object | None]:
        read.extend(name.partition(":")[2] for name in names)
        return plainly(self, names)

    monkeypatch.setattr(ObjectReader, "objects", objects)
    said = liftgate("plan", "shop-7", "--to", "staging", "--repo", str(repo.path), "--json")
    assert [row["pointer"] for row in said.data["rows"] if row["kind"] == "replace"] == ["/image/tag"]
    assert {path for path in read if path.endswith("/values.json")} == {
        f"envs/{place}/shop-7/values.json" for place in ("dev", "staging")
    }
    assert max(Counter(path for path in read if path.endswith(".json")).values()) == 1
    assert started() <= 16


def test_validate_reads_each_file_and_compiles_each_schema_once(
    repo: Folder, liftgate: Liftgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[str] = Counter()
    plainly = WorkTree.file

    def file(self: WorkTree, commit: str, path: str) -> File | None:
        read[path] += 1
        return plainly(self, commit, path)

    monkeypatch.setattr(WorkTree, "file", file)
    simple_schema._check_of.cache_clear()
    said = liftgate("validate", "--repo", str(repo.path), "--json")
    assert (said.code, len(said.data["checked"])) == (0, 3 * len(NAMES) * len(ENVIRONMENTS))
    assert {times for path, times in read.items() if path.endswith("/values.json")} == {1}
    assert max(read.values()) <= 3, "liftgate.json, a schema and an overlay do not depend on the number of files"
    assert simple_schema._check_of.cache_info().misses == 1


def test_adopt_starts_as_few_git_processes_for_many_applications(
    tmp_path: Path, gitconfig: Path, liftgate: Liftgate, started: Callable[[], int]
) -> None:
    files = {
        f"envs/{place}/{name}/values.json": values(place, name, "1.4.0") for name in NAMES for place in ENVIRONMENTS
    }
    layouts.make({"files": files}, tmp_path / "other")
    before = started()
    assert liftgate("adopt", "--dry-run", "--repo", str(tmp_path / "other")).code == 0
    assert started() - before <= 40
