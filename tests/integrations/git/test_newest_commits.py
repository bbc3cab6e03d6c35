"""One walk finds the newest commit of each file that git finds by a walk for each."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from liftgate.integrations.git import kept_answers, newest_commits
from liftgate.integrations.git.newest_commits import find_newest
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR
from tests.integrations.git.counting import count_costs

FILES = ("a/x.json", "a/y.json", "b/x.json", "b/c/x.json", "top.json", "ä/x.json", "od*d.json")
GROUPS = [(path,) for path in (*FILES, "a", "b/c", "none.json")] + [("a/x.json", "b/x.json"), ("b", "top.json"), ()]


class Branch:
    """Commits by chance: files set and removed, merges of either side, and commits that change nothing."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        Git(folder)("init", "-q", "--bare", "here.git")
        self.repository, self.chance = Repository(folder / "here.git"), chance
        self.heads = [self._commit("", dict.fromkeys(FILES[:3], b"0"))]

    def grow(self, number: int) -> None:
        for _ in range(number):
            base = self.heads[-1] if self.chance.random() < 0.8 else self.chance.choice(self.heads)
            files = {path: self.chance.choice([None, b"1", b"2"]) for path in self.chance.sample(FILES, 2)}
            made = self._commit(base, files if self.chance.random() < 0.9 else {})
            self.heads.append(made if base == self.heads[-1] else self._merge(made))

    def _commit(self, parent: str, files: dict[str, bytes | None]) -> str:
        return self.repository.write(parent, files, "Change\n", NOW, AUTHOR, None)

    def _merge(self, other: str) -> str:
        tree = self.repository.merged_tree(self.heads[-1], other) or self.repository.object_id(self.heads[-1], "")
        return self.repository.commit_tree(tree, [self.heads[-1], other], "Merge\n", NOW, AUTHOR, None)

    def newest(self) -> list[list[str]]:
        return [
            [each.sha for each in self.repository.log(self.heads[-1], paths=group, limit=1)]
            for group in GROUPS
            if group
        ]


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_commit_that_git_finds(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest_commits, "PAGE", 7)
    monkeypatch.setattr(newest_commits, "WORTH", 1)
    branch = Branch(tmp_path, random.Random(seed))
    for _ in range(3):
        branch.grow(12)
        expected = branch.newest()
        kept_answers.forget_answers()
        find_newest(branch.repository, branch.heads[-1], GROUPS)
        assert branch.newest() == expected, f"seed {seed}"
        assert all(branch.repository.is_ancestor(found, branch.heads[-1]) for shas in expected for found in shas)


def test_git_is_asked_for_each_only_where_these_are_few_or_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    branch = Branch(tmp_path, random.Random(1))
    branch.grow(30)
    monkeypatch.setattr(newest_commits, "WORTH", 1)
    kept_answers.forget_answers()
    find_newest(branch.repository, branch.heads[-1], GROUPS)
    seen = count_costs(monkeypatch)
    branch.newest()
    assert seen["processes"] <= 3, "for a name that means a pattern to git, and what no commit or only the first has"
    kept_answers.forget_answers()
    monkeypatch.setattr(newest_commits, "WORTH", len(GROUPS) + 1)
    seen.clear()
    find_newest(branch.repository, branch.heads[-1], GROUPS)
    assert seen["processes"] == 0


@pytest.mark.parametrize(("others", "asked"), [(10, 0), (50, 8)])
def test_commits_of_other_files_on_top_do_not_end_the_walk_before_it_costs_more_than_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: int, asked: int
) -> None:
    """As after a night that promoted every application to one environment after the other."""
    monkeypatch.setattr(newest_commits, "PAGE", 5)
    monkeypatch.setattr(newest_commits, "WORTH", 2)
    branch, names = Branch(tmp_path, random.Random(1)), [f"dev/{number}.json" for number in range(8)]
    for path in (*names, *(f"prod/{number}.json" for number in range(others))):
        branch.heads.append(branch._commit(branch.heads[-1], {path: b"1"}))
    kept_answers.forget_answers()
    find_newest(branch.repository, branch.heads[-1], [(name,) for name in names])
    seen = count_costs(monkeypatch)
    for name in names:
        assert branch.repository.log(branch.heads[-1], paths=(name,), limit=1)
    assert seen["processes"] == asked
