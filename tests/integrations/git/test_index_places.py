"""Only a git directory has an index: a file with its name that was committed is never believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.ledger import ledger
from liftgate.integrations.git.index import Index
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.ledger import git_branch, signed_files
from tests.examples import ALLOWED_SIGNERS, NOW, SERVER, entry
from tests.integrations.conftest import AUTHOR

NAME = "liftgate-index.sqlite"
SIGNERS = read_allowed(ALLOWED_SIGNERS)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Its branch has an index that says of an entry, which no allowed key signed, that it is signed; and all that a
    bare repository has."""
    folder = tmp_path / "clone"
    signed_files._remembered.clear()
    Git(tmp_path)("init", "-q", "-b", "main", folder.name)
    repository, forged = Repository(folder), entry()
    signed = ledger.to_file(forged, signature.sign(ledger.signable(forged), SERVER, signature.LEDGER))
    tip = repository.write("", {forged.path: signed}, "Entry\n", NOW, AUTHOR, None)
    repository.git("update-ref", git_branch.REF, tip)
    ((_, blob),) = repository.paths(tip, "entries")
    said = signed_files._fact(forged, git_branch.ENTRIES)
    Index(folder).keep(signed_files.keys_name(git_branch.ENTRIES, SIGNERS), {blob: said})
    assert git_branch.ledger_at(repository, SIGNERS).entries == (forged,), "what its index says is believed"
    data = (folder / ".git" / NAME).read_bytes()
    files = {f"{at}{name}": data for at in ("", "sub/") for name in (NAME, "objects/x", "refs/x")}
    repository.git("reset", "-q", "--hard", repository.write("", files, "Index\n", NOW, AUTHOR, None))
    (folder / ".git" / NAME).unlink()
    signed_files._remembered.clear()
    return folder


def read(folder: Path) -> tuple[object, ...]:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    found = git_branch.ledger_at(Repository(folder), SIGNERS).entries
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before, "nothing is written among the files"
    return found


def test_a_committed_index_is_not_read_in_a_second_work_tree(clone: Path) -> None:
    Git(clone)("worktree", "add", "-q", "../other", "HEAD")
    assert read(clone.parent / "other") == ()


def test_nor_where_the_git_directory_is_elsewhere(clone: Path) -> None:
    Git(clone)("clone", "-q", "--separate-git-dir", "../elsewhere", ".", "../apart")
    apart = Repository(clone.parent / "apart")
    apart.git("fetch", "-q", "origin", f"{git_branch.REF}:{git_branch.REF}")
    assert read(clone.parent / "apart") == ()


def test_nor_in_a_folder_of_the_clone(clone: Path) -> None:
    assert read(clone / "sub") == ()
