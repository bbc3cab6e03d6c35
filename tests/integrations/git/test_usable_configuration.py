"""The configuration in force at a commit: its own, or the newest usable one before it on the first-parent line."""

from __future__ import annotations

from pathlib import Path

import pytest

from liftgate.domain.config.configuration import FILE, Configuration
from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.git import usable_configuration
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.git.usable_configuration import InForce, configuration_in_force
from liftgate.steps.registry import check_names
from tests.examples import NOW, SEED, text
from tests.integrations.conftest import AUTHOR
from tests.integrations.git.counting import count_costs

BROKEN = b'{"environments": '


class Branch:
    def __init__(self, folder: Path) -> None:
        Git(folder)("init", "-q", "--bare", "here.git")
        self.repository = Repository(folder / "here.git")
        self.head = ""

    def commit(self, content: bytes | None, *, parent: str = "") -> str:
        """On the branch, or on a parent beside it."""
        files = {FILE: content}
        made = self.repository.write(parent or self.head, files, "Change\n", NOW, AUTHOR, None)
        self.head = self.head if parent else made
        return made

    def beside(self) -> str:
        """A commit on the branch that leaves the file alone."""
        files = {f"notes/{self.head[:8] or 'first'}": b"x"}
        self.head = self.repository.write(self.head, files, "Note\n", NOW, AUTHOR, None)
        return self.head

    def merge(self, other: str, content: bytes) -> str:
        tree = self.repository.tree_with(self.head, {FILE: content})
        self.head = self.repository.commit_tree(tree, [self.head, other], "Merge\n", NOW, AUTHOR, None)
        return self.head

    def in_force(self, commit: str = "") -> InForce:
        return configuration_in_force(self.repository, commit or self.head, check_names)


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    return Branch(tmp_path)


def configuration(*environments: str) -> bytes:
    return text(SEED | {"environments": {name: f"/configs/{name}" for name in environments}})


def said(found: InForce) -> tuple[list[str], str, str]:
    return list(found.configuration.environments), found.commit, found.since


def test_where_the_file_can_be_used_it_counts_and_git_is_asked_nothing_else(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch.commit(configuration("dev"))
    branch.beside()
    branch.repository.file(branch.head, FILE)
    costs = count_costs(monkeypatch)
    assert said(branch.in_force()) == (["dev"], "", "")
    assert branch.in_force().notice == ""
    assert not costs


def test_it_lies_behind_several_that_cannot_be_used(branch: Branch) -> None:
    branch.commit(configuration("old"))
    good = branch.commit(configuration("dev"))
    branch.beside()
    first = branch.commit(BROKEN)
    branch.beside()
    branch.commit(None)
    branch.commit(text(SEED | {"enviroments": {}}))
    branch.commit(text(SEED | {"pipeline": {"stages": [{"name": "verify", "steps": ["of-our-own"]}]}}))
    branch.beside()
    assert said(branch.in_force()) == (["dev"], good, first)
    assert first[:12] in branch.in_force().notice
    assert good[:12] in branch.in_force().notice


def test_broken_mended_and_broken_again_it_is_the_mended_one(branch: Branch) -> None:
    branch.commit(configuration("old"))
    once = branch.commit(BROKEN)
    mended = branch.commit(configuration("dev"))
    again = branch.commit(BROKEN + b" ")
    assert said(branch.in_force()) == (["dev"], mended, again)
    assert branch.in_force(once).configuration.environments.keys() == {"old"}, "each commit has its own past"


def test_what_a_merged_branch_had_was_never_in_force(branch: Branch) -> None:
    good = branch.commit(configuration("dev"))
    side = branch.commit(configuration("never"), parent=good)
    merged = branch.merge(side, BROKEN)
    assert said(branch.in_force()) == (["dev"], good, merged)


def test_what_a_merge_brought_counts_from_the_merge(branch: Branch) -> None:
    start = branch.commit(configuration("old"))
    branch.beside()
    merged = branch.merge(branch.commit(configuration("dev"), parent=start), configuration("dev"))
    broken = branch.commit(BROKEN)
    assert said(branch.in_force()) == (["dev"], merged, broken)


def test_a_folder_or_a_submodule_in_its_place_cannot_be_used(branch: Branch) -> None:
    good = branch.commit(configuration("dev"))
    files: dict[str, bytes | None] = {FILE: None}
    without = branch.repository.write(good, files, "Change\n", NOW, AUTHOR, None)
    files = {f"{FILE}/liftgate.json": configuration("never")}
    folder = branch.repository.write(without, files, "Change\n", NOW, AUTHOR, None)
    assert said(branch.in_force(folder)) == (["dev"], good, without)


def test_where_none_can_be_used_the_newest_says_why(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    branch.commit(text({"environments": 1}))
    branch.commit(BROKEN)
    with pytest.raises(Misconfigured, match=r"(?s)liftgate\.json.*none of the newest 2 versions"):
        branch.in_force()
    branch.commit(configuration("dev"))
    for number in range(3):
        branch.commit(BROKEN + b" " * number)
    monkeypatch.setattr(usable_configuration, "MOST", 3)
    with pytest.raises(Misconfigured, match="none of the newest 3 versions"):
        branch.in_force()


def test_a_repository_that_never_had_one_says_how_to_make_one(branch: Branch) -> None:
    branch.beside()
    with pytest.raises(Misconfigured, match="make one with: liftgate init"):
        branch.in_force()


def test_what_git_cannot_read_now_is_never_taken_for_unusable(branch: Branch) -> None:
    """Else an older configuration would count because a disk or a forge is slow."""
    branch.commit(configuration("old"))
    branch.commit(configuration("dev"))

    def away(_: Configuration) -> None:
        raise Unavailable("the forge does not answer")

    with pytest.raises(Unavailable):
        configuration_in_force(branch.repository, branch.head, away)
