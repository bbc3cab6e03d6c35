"""Git over HTTP: credentials, commits that no branch holds, and the words for what goes wrong."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from liftgate_sandbox.argocd.repository import GitError, Repository
from liftgate_sandbox.serve import serve

from sandbox_tests.argocd.git_server import GitServer
from sandbox_tests.argocd.repository import Config, config_map

_BASIC = f"Basic {base64.b64encode(b'bot:secret').decode()}"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    one = Config(tmp_path / "config")
    one.write("a.yaml", config_map("a"))
    one.commit("Initial configuration")
    return one


@pytest.fixture
def url(config: Config) -> Iterator[str]:
    """The repository behind a password."""
    with serve(GitServer(config.folder.parent, _BASIC).app) as served:
        yield f"{served.url}/config.git"


def test_with_its_credential_a_repository_can_be_read(config: Config, url: str, tmp_path: Path) -> None:
    repository = Repository(url, tmp_path / "mirror", "bot", "secret")
    sha = repository.resolve("main", 0.0)
    assert sha == config.git("rev-parse", "HEAD")
    assert list(repository.files(sha)) == ["a.yaml"]
    assert repository.metadata(sha)["message"] == "Initial configuration"
    assert repository.metadata(sha)["author"] == "Config Bot <bot@example.com>"


def test_a_second_commit_a_branch_and_a_tag_are_read_there_too(config: Config, url: str, tmp_path: Path) -> None:
    repository = Repository(url, tmp_path / "mirror", "bot", "secret")
    first = repository.resolve("main", 0.0)
    assert list(repository.files(first)) == ["a.yaml"]
    config.write("b.yaml", config_map("b"))
    second = config.commit("Second")
    config.git("tag", "light", second)
    config.git("tag", "--annotate", "--message", "x", "v1", second)
    config.git("tag", "other", first)
    assert sorted(repository.files(second)) == ["a.yaml", "b.yaml"]
    assert repository.metadata(second)["tags"] == ["light", "v1"]
    assert repository.commit("light") == repository.commit(second[:8]) == second
    gone = "1" * 40
    with pytest.raises(GitError, match=f"not our ref {gone}"):
        repository.files(gone)


_CHANGES = {
    "a file": ["echo changed > 07/x.yaml"],
    "a new one with a name like a pattern": ["echo x > '*é 07'"],
    "a removed one": ["rm 08/x.yaml"],
    "a renamed one": ["mv 09/x.yaml 10/y.yaml"],
    "a link instead": ["rm 11/x.yaml", "ln -s ../12/x.yaml 11/x.yaml"],
    "a folder instead": ["rm 13/x.yaml", "mkdir 13/x.yaml", "touch 13/x.yaml/z"],
    "the mode": ["chmod +x 14/x.yaml"],
    "nothing": [],
}
"""Commands of the shell."""


def test_of_many_files_only_what_a_commit_changes_is_read_and_the_result_is_the_same(
    config: Config, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        config.write(f"{number:02}/x.yaml", config_map(f"n{number}"))
    repository = Repository(url, tmp_path / "mirror", "bot", "secret")
    repository.files(config.commit("Many"))
    monkeypatch.setattr(Repository, "_archived", lambda *_: pytest.fail("all files were read"))
    for what, change in _CHANGES.items():
        for command in change:
            subprocess.run(["sh", "-c", command], cwd=config.folder, check=True)
        sha = config.commit(what)
        assert list(repository.files(sha).items()) == list(all_files(config, sha).items()), what
    undone = config.git("rev-parse", "HEAD~6")
    assert repository.files(undone) == all_files(config, undone), "an older one"


def all_files(config: Config, sha: str) -> dict[str, bytes]:
    """By git's own lists, without links."""
    git = ["git", "-C", str(config.folder)]
    listed = subprocess.run([*git, "ls-tree", "-r", "-z", sha], check=True, capture_output=True, text=True).stdout
    files = (path for about, path in (line.split("\t") for line in listed.split("\0")[:-1]) if about.startswith("100"))
    read = (([*git, "show", f"{sha}:{path}"], path) for path in sorted(files))
    return {path: subprocess.run(command, check=True, capture_output=True).stdout for command, path in read}


def test_what_git_gives_out_may_change_with_its_attributes(config: Config, url: str, tmp_path: Path) -> None:
    for number in range(60):
        config.write(f"{number:02}/x.yaml", config_map(f"n{number}"))
    repository = Repository(url, tmp_path / "mirror", "bot", "secret")
    assert "07/x.yaml" in repository.files(config.commit("Many"))
    config.write(".gitattributes", "07/x.yaml export-ignore\n")
    assert "07/x.yaml" not in repository.files(config.commit("One is not given out"))


def test_without_it_the_server_wants_one(url: str, tmp_path: Path) -> None:
    with pytest.raises(GitError, match=r"^failed to list refs: authentication required: $"):
        Repository(url, tmp_path / "mirror").resolve("main", 0.0)


def test_refs_are_asked_for_again_when_they_are_too_old(config: Config, tmp_path: Path) -> None:
    repository = Repository(str(config.folder), tmp_path / "mirror")
    first = repository.resolve("main", 0.0)
    second = config.commit("Second")
    assert repository.resolve("main", 10.0, max_age=60.0) == first
    assert repository.resolve("main", 10.0) == second
    assert repository.resolve("HEAD", 10.0) == second


def test_a_commit_of_an_unmerged_branch_can_be_rendered(config: Config, tmp_path: Path) -> None:
    config.git("switch", "--quiet", "--create", "change")
    config.write("b.yaml", config_map("b"))
    sha = config.commit("On a branch")
    repository = Repository(str(config.folder), tmp_path / "mirror")
    assert sorted(repository.files(sha)) == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize(
    ("place", "problem"),
    [("nowhere", "repository not found"), ("http://127.0.0.1:1/config.git", "connection refused")],
)
def test_a_repository_that_cannot_be_reached_says_why(place: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(GitError, match=problem):
        Repository(place, tmp_path / "mirror").resolve("main", 0.0)
