"""Git's own files say that a branch is not there, without a process. Where they are not sure, git is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from liftgate.integrations.git import disk
from liftgate.integrations.git.git_directory import git_directory, has_no_ref, has_no_refs
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR

LEDGER = "refs/heads/liftgate/ledger"


@pytest.fixture(params=["bare", "clone"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    Git(tmp_path)("init", "-q", *(["--bare"] if request.param == "bare" else []), "repository")
    return Repository(tmp_path / "repository")


def test_a_branch_that_is_not_there_costs_no_process(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Git, "run", None)
    assert repository.resolve(LEDGER) == ""
    assert repository.object_id(LEDGER, "entries") == ""


def test_it_is_seen_as_soon_as_it_is_there_loose_or_packed(repository: Repository) -> None:
    assert repository.resolve(LEDGER) == ""
    sha = repository.write("", {"a": b"1"}, "One\n", NOW, AUTHOR, None)
    repository.git("update-ref", LEDGER, sha)
    assert repository.resolve(LEDGER) == sha
    repository.git("pack-refs", "--all")
    assert not has_no_ref(repository.git.directory, f"{LEDGER}^{{commit}}")
    assert has_no_ref(repository.git.directory, f"{LEDGER}s^{{commit}}")
    assert Repository(repository.git.directory).resolve(LEDGER) == sha
    assert repository.object_id(LEDGER, "a")
    assert repository.object_id(LEDGER, "b") == ""


def test_that_there_is_no_ref_below_a_name_is_sure_too(repository: Repository) -> None:
    directory, pauses = repository.git.directory, ["refs/heads/liftgate/pause-all", "refs/heads/liftgate/pause/"]
    sha = repository.write("", {"a": b"1"}, "One\n", NOW, AUTHOR, None)
    repository.git("update-ref", "refs/heads/liftgate/pause-nothing", sha)
    for packed in (False, True):
        if packed:
            repository.git("pack-refs", "--all")
        assert has_no_refs(directory, pauses)
    for ref in ("refs/heads/liftgate/pause/prod", "refs/heads/liftgate/pause-all"):
        repository.git("update-ref", ref, sha)
        assert not has_no_refs(directory, pauses)
        repository.git("pack-refs", "--all")
        assert not has_no_refs(directory, pauses)
        repository.git("update-ref", "-d", ref)
        assert has_no_refs(directory, pauses)


@pytest.mark.parametrize(
    "expression", ["HEAD^{commit}", "main^{commit}", "0" * 40, "refs/heads/a", "refs/heads/@{-1}^{commit}"]
)
def test_of_other_expressions_nothing_is_sure(repository: Repository, expression: str) -> None:
    assert not has_no_ref(repository.git.directory, expression)


def test_nor_where_refs_are_kept_elsewhere(repository: Repository, tmp_path: Path) -> None:
    sha = repository.write("", {"a": b"1"}, "One\n", NOW, AUTHOR, None)
    repository.git("update-ref", "refs/heads/main", sha)
    repository.git("worktree", "add", "-q", str(tmp_path / "other"), sha)
    repository.git("update-ref", LEDGER, sha)
    assert not has_no_ref(tmp_path / "other", f"{LEDGER}^{{commit}}")
    assert Repository(tmp_path / "other").resolve(LEDGER) == sha
    place = repository.git.directory / ".git"
    ((place if place.is_dir() else repository.git.directory) / "reftable").mkdir()
    assert not has_no_ref(repository.git.directory, "refs/heads/none^{commit}")


def test_nor_while_another_folder_takes_the_place(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a damaged mirror is made again: between two looks it is at another place, and its refs with it."""
    place = git_directory(repository.git.directory)
    assert place is not None
    usual = Path.exists

    def exists(path: Path) -> bool:
        if path == place / LEDGER:
            disk.swap(another(repository), place)
        return usual(path)

    repository.git("update-ref", LEDGER, repository.write("", {"a": b"1"}, "One\n", NOW, AUTHOR, None))
    assert not has_no_ref(repository.git.directory, f"{LEDGER}^{{commit}}")
    monkeypatch.setattr(Path, "exists", exists)
    repository.git("update-ref", "-d", LEDGER)
    assert not has_no_ref(repository.git.directory, f"{LEDGER}^{{commit}}")


def another(repository: Repository) -> Path:
    made = repository.git.directory.with_suffix(".another")
    Git(made.parent)("init", "-q", "--bare", made.name)
    return made
