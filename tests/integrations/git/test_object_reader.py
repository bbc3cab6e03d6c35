"""One process reads objects as long as it answers. If anything happens to it, the repository still knows its files."""

from __future__ import annotations

import gc
import os
import select
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sandbox_tests.plain import eventually

from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.git import object_reader
from liftgate.integrations.git.process import Git, sign_in
from liftgate.integrations.git.repository import Author, Repository
from tests.integrations.git.counting import count_costs

LIFTGATE = Author(name="Liftgate", email="liftgate@example.com")
WHEN = datetime(2026, 11, 29, tzinfo=UTC)
NAMES = {"a b.json": b"1", "folder/x\n.json": b"2", f"{'long' * 50}/" * 25 + "x.json": b"3", "empty.json": b""}
BRANCH = "refs/heads/main"


def made(folder: Path, files: dict[str, bytes]) -> str:
    """The commit of a new repository with one branch."""
    folder.mkdir()
    git = Git(folder)
    git("init", "--bare", "--quiet", "--initial-branch=main")
    commit = Repository(folder).write("", dict(files), "first", WHEN, LIFTGATE, None)
    git("update-ref", BRANCH, commit)
    return commit


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made(tmp_path / "here.git", NAMES)
    gc.collect()  # the reader of the repository that wrote it
    return Repository(tmp_path / "here.git")


def readers(of: Repository) -> list[int]:
    """The processes that this one started for the repository and that still read."""
    mine = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    words = {int(each): Path(f"/proc/{each}/cmdline").read_bytes().split(b"\0") for each in mine}
    return [each for each, said in words.items() if {b"--batch-command", bytes(of.git.directory)} <= set(said)]


def test_each_name_is_read_also_one_that_is_no_line(repository: Repository) -> None:
    for name, content in NAMES.items():
        file = repository.file(BRANCH, name)
        assert file is not None, name
        assert (file.data, file.blob) == (content, repository.object_id(BRANCH, name))
    assert repository.file(BRANCH, "not-there.json") is None
    assert repository.file("refs/heads/none", "a b.json") is None
    assert repository.resolve("refs/heads/none") == ""


def test_a_path_that_is_not_there_needs_no_process_of_its_own(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, asked = repository.resolve(BRANCH), ("none.json", "folder/none", "none/x.json", "a b.json/x", "folder/../x")
    seen = count_costs(monkeypatch)
    assert [repository.object_id(commit, path) for path in asked] == [""] * len(asked)
    assert all(repository.object_id(commit, path) for path in ("", "folder", "a b.json", "empty.json"))
    assert seen["processes"] == 0


def test_a_reader_that_is_killed_or_silent_is_replaced(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_reader, "WITHIN", 0.2)
    assert repository.resolve(BRANCH)
    for number in (signal.SIGKILL, signal.SIGSTOP):
        (reader,) = readers(repository)
        os.kill(reader, number)
        for _ in range(3):
            file = repository.file(BRANCH, "a b.json")
            assert file is not None
            assert file.data == b"1"
        assert eventually(lambda: len(readers(repository)) == 1)
        assert readers(repository) != [reader]


def test_a_reader_that_is_old_is_replaced(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    assert repository.resolve(BRANCH)
    before = readers(repository)
    monkeypatch.setattr(object_reader, "LONGEST", -1.0)
    assert repository.resolve(BRANCH)
    assert len(readers(repository)) == 1
    assert readers(repository) != before


def test_a_folder_that_took_the_place_of_another_is_read_itself(repository: Repository, tmp_path: Path) -> None:
    place = repository.git.directory
    before = repository.resolve(BRANCH)
    after = made(tmp_path / "new.git", {"a b.json": b"other"})
    place.rename(tmp_path / "old.git")
    assert repository.resolve(BRANCH) == ""
    (tmp_path / "new.git").rename(place)
    assert repository.resolve(BRANCH) == after != before


def test_a_forked_process_reads_by_itself_and_takes_nothing_from_the_first_one(repository: Repository) -> None:
    commit = repository.resolve(BRANCH)
    before = readers(repository)
    child = os.fork()
    if child == 0:
        is_right = repository.resolve(BRANCH) == commit and repository.file(BRANCH, "empty.json") is not None
        os._exit(0 if is_right else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert repository.resolve(BRANCH) == commit
    assert readers(repository) == before


def test_threads_get_their_own_answers(repository: Repository) -> None:
    names = [name for name in NAMES if "long" not in name and "\n" not in name] * 100

    def read(name: str) -> bytes:
        found = repository.file(BRANCH, name)
        return found.data if found else b"none"

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read, names)) == [NAMES[name] for name in names]


def test_many_names_are_asked_for_at_once_and_each_gets_its_own_answer(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also more than the pipe takes, with answers that are large, and names of nothing between them."""
    large = [repository.git("hash-object", "-w", "--stdin", stdin=b"%d" % number * 90_000) for number in range(3)]
    names = [*large, f"{BRANCH}:none", *(f"{BRANCH}:{name}" for name in NAMES), *large[:1], "no\0line", f"{'0' * 40}"]
    alone = [repository._reader.object(name) for name in names]
    assert [found and len(found.data) for found in alone] == [*[90_000] * 3, None, 1, None, None, 0, 90_000, None, None]
    groups, usual = list[int](), object_reader.ObjectReader._answers

    def counted(of: object_reader.ObjectReader, lines: list[bytes], **more: bool) -> dict[bytes, object_reader.Object]:
        groups.append(len(lines))
        return usual(of, lines, **more)

    monkeypatch.setattr(object_reader.ObjectReader, "_answers", counted)
    assert repository._reader.objects(names * 40) == alone * 40
    assert groups == [7]
    assert sum(found is not None for found in repository._reader.objects([f"{BRANCH}:{n}" for n in range(600)])) == 0
    assert len(groups) <= 8


def test_a_reader_sees_no_sign_in_and_no_settings(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFTGATE_FORGE__TOKEN", "a secret")
    signed_in = Repository(repository.git.directory, sign_in("liftgate", "another secret"))
    assert signed_in.resolve(BRANCH)
    (reader,) = readers(repository)
    seen = Path(f"/proc/{reader}/environ").read_bytes()
    assert b"PATH=" in seen
    assert b"LIFTGATE_" not in seen
    assert b"GIT_CONFIG_VALUE_0" not in seen


def test_a_reader_ends_with_its_repository(repository: Repository) -> None:
    another = Repository(repository.git.directory)
    assert another.resolve(BRANCH)
    assert len(readers(repository)) == 1
    del another
    gc.collect()
    assert readers(repository) == []


def test_a_question_that_was_interrupted_is_answered_to_no_other(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect ends a flow, and a task that takes too long, by an exception at any line of it."""

    def interrupted(pipe: int, _: float) -> bytes:
        select.select([pipe], [], [])  # the answer is there
        raise KeyboardInterrupt

    other = repository.object_id(BRANCH, "empty.json")
    with monkeypatch.context() as broken:
        broken.setattr(object_reader, "_more", interrupted)
        with pytest.raises(KeyboardInterrupt):
            repository.object_id(BRANCH, "a b.json")
    assert repository.object_id(BRANCH, "empty.json") == other


def test_a_name_that_ends_with_a_carriage_return_is_no_other_name(repository: Repository) -> None:
    """git takes it for the end of a line that comes from Windows."""
    assert repository.file(BRANCH, "a b.json\r") is None
    assert repository.object_id(BRANCH, "a b.json\r") == ""


def test_files_are_listed_as_git_lists_them(tmp_path: Path) -> None:
    files = NAMES | {"a/b": b"1", "a-b": b"2", "a/b-/c": b"3", "a/b0": b"4", "é/ü.json": b"5"}
    commit = made(tmp_path / "here.git", files)
    repository = Repository(tmp_path / "here.git")
    repository.git("update-ref", BRANCH, commit)
    listed = repository.git("ls-tree", "-r", "-z", "--full-tree", commit).split("\0")[:-1]
    assert repository.paths(BRANCH, "") == [
        (path, meta.split()[2]) for meta, _, path in (s.partition("\t") for s in listed)
    ]
    assert [path for path, _ in repository.paths(commit, "a/b-")] == ["a/b-/c"]
    assert repository.paths(commit, "not-there") == repository.paths(commit, "a-b") == []
    many = repository.write(commit, {f"many/{number}/x": b"" for number in range(20)}, "many", WHEN, LIFTGATE, None)
    assert repository.paths(many, "") == sorted(
        [*repository.paths(commit, ""), *repository.paths(many, "many")], key=lambda found: found[0].encode()
    )
    with pytest.raises(LiftgateError):
        repository.paths("0" * 39 + "1", "")


EDITS: dict[str, dict[str, bytes | None]] = {
    "set": {"a": b"1", "b/c": b"2", "b/d/e": b"3"},
    "changed and removed": {"b/c": b"4", "b/d/e": None, "not/there": None},
    "a folder becomes a file": {"b": b"5"},
    "a file becomes a folder": {"a/x": b"6", "b/y": b"7"},
    "nothing below a file": {"a": b"1", "b": b"2", "b/x": None, "a/x/y": None},
    "a folder again": {"a/x": b"6", "b/y": b"7"},
    "deep": {"deep/" * 1500 + "x": b"1"},
    "sorted like a folder": {"b-": b"8", "b.x": b"9", "b0": b"10"},
    "all removed": {"deep/" * 1500 + "x": None, "a/x": None, "b/y": None, "b-": None, "b.x": None, "b0": None},
}


def test_a_commit_has_the_tree_that_git_makes(tmp_path: Path) -> None:
    (tmp_path / "here.git").mkdir()
    repository, commit = Repository(tmp_path / "here.git"), ""
    repository.git("init", "--bare", "--quiet")
    for name, files in EDITS.items():
        index = {"GIT_INDEX_FILE": str(tmp_path / "index")}
        for path, data in files.items():
            blob = repository.git("hash-object", "-w", "--stdin", stdin=data or b"")
            line = f"{'0' if data is None else '100644'} {'0' * 40 if data is None else blob}\t{path}\n"
            repository.git("update-index", "--index-info", stdin=line.encode(), extra=index)
        commit = repository.write(commit, files, name, WHEN, LIFTGATE, None)
        assert repository.object_id(commit, "") == repository.git("write-tree", extra=index), name
        if name == "deep":
            assert ("deep/" * 1500 + "x", blob) in repository.paths(commit, "")
        assert repository.git.run("fsck", "--strict").status == 0


@pytest.mark.parametrize("path", [".git/config", "a/.GIT/x", "a/GIT~1", "../x", "a//b", "/a", "a/./b", ""])
def test_a_path_that_no_commit_can_have_is_refused(repository: Repository, path: str) -> None:
    with pytest.raises(Refused):
        repository.write("", {path: b""}, "x", WHEN, LIFTGATE, None)


def test_a_name_of_two_lines_that_is_not_there_shifts_no_other_answer(tmp_path: Path) -> None:
    Git(tmp_path)("init", "-q", "--bare", "here.git")
    repository = Repository(tmp_path / "here.git")
    tree = repository.tree_with("", {"a": b"1", "b": b"2"})
    names = [f"{tree}:no\nsuch", f"{tree}:a", f"{tree}:\udce9", f"{tree}:b"]
    assert repository.objects(names) == [None, b"1", None, b"2"]
