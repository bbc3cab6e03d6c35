"""A tree with some files changed is the one that git's own index gives, by a few objects and processes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from liftgate.errors import Refused
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR
from tests.integrations.git.counting import count_costs

NAMES = ("a", "a.b", "a-b", "b", "z", "ä", "\udce9")
Files = dict[str, bytes | None]


def bare(folder: Path, *options: str) -> Repository:
    Git(folder.parent)("init", "-q", "--bare", *options, folder.name)
    return Repository(folder)


def by_the_index_of_git(repository: Repository, parent: str, files: Files, folder: Path) -> str:
    extra = {"GIT_INDEX_FILE": str(folder / "index")}
    repository.git("read-tree", *([parent] if parent else ["--empty"]), extra=extra)
    lines = b""
    for path, data in files.items():
        blob = repository.git("hash-object", "-w", "--stdin", stdin=data) if data is not None else ""
        item = f"100644 {blob}" if blob else f"0 {'0' * 40}"
        lines += f"{item}\t{path}\0".encode(errors="surrogateescape")
    repository.git("update-index", "-z", "--index-info", stdin=lines, extra=extra)
    return repository.git("write-tree", extra=extra)


def some_files(chance: random.Random) -> Files:
    """No path of them is a folder of another."""
    files: Files = {}
    for _ in range(chance.randrange(1, 6)):
        path = "/".join(chance.choices(NAMES, k=chance.randrange(1, 4)))
        if not any(f"{one}/".startswith(f"{path}/") or f"{path}/".startswith(f"{one}/") for one in files):
            files[path] = chance.choice([None, b"1", b"2"])
    return files


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_tree_that_gits_index_gives(tmp_path: Path, seed: int) -> None:
    chance, repository, tree = random.Random(seed), bare(tmp_path / "a.git"), ""
    for step in range(12):
        files = some_files(chance)
        expected = by_the_index_of_git(repository, tree, files, tmp_path)
        assert repository.tree_id_with(tree, files) == expected, f"seed {seed}, step {step}: {files}"
        assert repository.tree_with(tree, files) == expected, f"seed {seed}, step {step}: {files}"
        tree = expected


def test_the_same_with_sha256(tmp_path: Path) -> None:
    repository = bare(tmp_path / "a.git", "--object-format=sha256")
    tree = repository.tree_with(repository.tree_with("", {"a/b": b"1", "c": b"2"}), {"a/d": b"3", "c": None})
    assert [path for path, _ in repository.paths(tree, "")] == ["a/b", "a/d"]
    assert len(tree) == 64


def test_what_is_not_touched_stays_whatever_it_is(tmp_path: Path) -> None:
    repository = bare(tmp_path / "a.git")
    blob = repository.git("hash-object", "-w", "--stdin", stdin=b"other")
    listed = f"120000 blob {blob}\tlink\n100755 blob {blob}\tprogram\n160000 commit {'1' * 40}\tsubmodule\n"
    tree = repository.git("mktree", "--missing", stdin=listed.encode())
    changed = repository.tree_with(tree, {"new/file": b"1"})
    there = repository.git("ls-tree", changed).splitlines()
    assert [line for line in there if not line.endswith("new")] == listed.splitlines()
    assert repository.tree_with(changed, {"new/file": None}) == tree


@pytest.mark.parametrize("path", ["", "a//b", "a/", "/a", "../a", "a/./b", "a/.git/b", ".GIT"])
def test_a_path_that_git_does_not_allow_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(Refused, match="git keeps no file at"):
        bare(tmp_path / "a.git").tree_with("", {path: b"1"})


def test_the_cost_does_not_grow_with_the_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = bare(tmp_path / "a.git")
    many: Files = {f"entries/app-{number % 50}/prod/{number}.json": b"%d" % number for number in range(400)}
    head = repository.write("", many, "Many\n", NOW, AUTHOR, None)
    seen = count_costs(monkeypatch)
    repository.tree_with(head, {"entries/app-7/prod/new.json": b"new"})
    assert seen == {"objects": 4}, "and no process"
