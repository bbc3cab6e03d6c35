"""What never changes is asked of git once in a process, and what is here already is not stored again."""

from __future__ import annotations

from pathlib import Path

import pytest

from liftgate.errors import LiftgateError
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR
from tests.integrations.git.counting import count_costs

MAIN = "refs/heads/main"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    Git(tmp_path)("init", "-q", "--bare", "here.git")
    return tmp_path / "here.git"


def write(directory: Path, parent: str, **files: str) -> str:
    data = {name: text.encode() for name, text in files.items()}
    return Repository(directory).write(parent, data, f"Set {', '.join(files)}\n", NOW, AUTHOR, None)


def test_git_is_asked_once_about_commits_by_all_who_read_the_directory(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(directory, "", a="1")
    ours = write(directory, first, b="2")
    seen = count_costs(monkeypatch)
    for _ in range(2):
        repository = Repository(directory)
        assert repository.is_ancestor(first, ours)
        assert not repository.is_ancestor(ours, first)
        assert [each.sha for each in repository.log(f"{first}..{ours}", limit=10)] == [ours]
        assert [each.sha for each in repository.log(ours, limit=10, paths=["a"])] == [first]
        assert repository.log(ours, limit=10, grep="Set c") == []
        assert seen["processes"] == 3, "nor for commits that are near each other"


def test_near_and_far_commits_are_told_from_those_of_another_line(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = [write(directory, "", a="0")]
    for number in range(1, 50):
        line.append(write(directory, line[-1], a=str(number)))
    side = write(directory, line[40], b="x")
    merged = Repository(directory).commit_tree(
        Repository(directory).tree_with(line[-1], {"b": b"x"}), [line[-1], side], "Merge\n", NOW, AUTHOR, None
    )
    repository, seen = Repository(directory), count_costs(monkeypatch)
    for older, newer, is_there in (
        (side, merged, True),
        (line[-1], line[-1], True),
        (line[0], line[20], True),
        (line[20], line[0], False),
        (side, line[2], False),
    ):
        assert repository.is_ancestor(older, newer) is is_there
    assert seen["processes"] == 0
    assert repository.is_ancestor(line[0], merged)
    assert not repository.is_ancestor(side, line[-1])
    assert seen["processes"] == 2


def test_what_a_branch_has_in_its_history_is_asked_for_its_commit_of_now(directory: Path) -> None:
    first = write(directory, "", a="1")
    second = write(directory, first, b="2")
    repository = Repository(directory)
    for commit, is_there in ((first, False), (second, True), (first, False)):
        repository.git("update-ref", MAIN, commit)
        assert repository.is_ancestor(second, MAIN) is is_there
        assert [each.sha for each in repository.log(MAIN, limit=1, paths=["b"])] == [second] * is_there


def test_a_failure_is_no_answer(directory: Path, tmp_path: Path) -> None:
    """The commit may come later."""
    first = write(directory, "", a="1")
    Git(tmp_path)("init", "-q", "--bare", "there.git")
    assert write(tmp_path / "there.git", "", a="1") == first
    second = write(tmp_path / "there.git", first, b="2")
    repository = Repository(directory)
    with pytest.raises(LiftgateError):
        repository.is_ancestor(first, second)
    with pytest.raises(LiftgateError):
        repository.log(second, limit=10)
    assert write(directory, first, b="2") == second
    assert repository.is_ancestor(first, second)
    assert [each.sha for each in repository.log(second, limit=10)] == [second, first]


def test_the_newest_of_a_line_need_no_process_and_a_shallow_clone_ends_where_it_ends(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = [write(directory, "", a="0")]
    for number in range(1, 6):
        line.append(write(directory, line[-1], a=str(number)))
    side = write(directory, line[2], b="x")
    tree = Repository(directory).tree_with(line[-1], {"b": b"x"})
    merge = Repository(directory).commit_tree(tree, [line[-1], side], "Merge\n", NOW, AUTHOR, None)
    Git(directory)("update-ref", MAIN, merge)
    Git(tmp_path)("clone", "-q", "--bare", "--branch=main", "--depth=3", directory.as_uri(), "shallow.git")
    seen = count_costs(monkeypatch)
    assert [each.sha for each in Repository(directory).log(merge, limit=4)] == [merge, *line[:-4:-1]]
    assert [each.sha for each in Repository(directory).log(MAIN, limit=32)] == [merge, *line[::-1]]
    assert seen["processes"] == 0
    assert [each.sha for each in Repository(tmp_path / "shallow.git").log(merge, limit=32)] == [merge, *line[:-3:-1]]
