"""Signatures over a real repository: by the keys that the main branch had before a commit came; as git verifies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as Key

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS as FILE
from liftgate.integrations.git import commit_signatures
from liftgate.integrations.git.arrivals import arrivals
from liftgate.integrations.git.commit_signatures import read_signatures
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Author, Repository
from tests.examples import NOW, WORKER

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import PrivateKey

ADA, MALLORY = Key.from_private_bytes(b"a" * 32), Key.from_private_bytes(b"m" * 32)
PEOPLE: Mapping[PrivateKey | None, Author] = {
    None: Author(name="Tom", email="tom@example.com"),
    ADA: Author(name="Ada", email="ada@example.com"),
    MALLORY: Author(name="Mallory", email="mallory@example.com"),
    WORKER: Author(name="Liftgate", email="liftgate@example.com"),
}


def line(key: PrivateKey, principal: str = "", options: str = "") -> bytes:
    written = signature.allowed_line(principal or PEOPLE[key].email, ("git",), signature.public_bytes(key))
    return written.replace('"git"', f'"git"{options}').encode() + b"\n"


@dataclass
class Branch:
    repository: Repository
    head: str = ""
    count: int = 0

    def commit(self, files: Mapping[str, bytes | None], key: PrivateKey | None = None, *, on: str = "") -> str:
        """On the main branch, or `on` that commit and in no branch."""
        self.count += 1
        when = NOW + timedelta(minutes=self.count)
        sha = self.repository.write(on or self.head, files, "A change\n", when, PEOPLE[key], key)
        if not on:
            self.head = sha
        return sha

    def merge(self, other: str, files: Mapping[str, bytes | None] | None = None, key: PrivateKey | None = None) -> str:
        """Without `files` a clean merge, as a forge makes it, else with these files changed in it."""
        self.count += 1
        tree = self.repository.merged_tree(self.head, other)
        assert tree is not None
        if files:
            whole = self.repository.commit_tree(tree, [], "x", NOW, PEOPLE[None], None)
            tree = self.repository.tree_with(whole, files)
        when = NOW + timedelta(minutes=self.count)
        self.head = self.repository.commit_tree(tree, [self.head, other], "Merge\n", when, PEOPLE[key], key)
        return self.head

    def states(self, *commits: str, revoked: frozenset[bytes] = frozenset(), base: str = "") -> list[str]:
        return [each.signature.state for each in read_signatures(self.repository, self.head, commits, revoked, base)]


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    Git(tmp_path)("init", "--bare", "-q", "config.git")
    made = Branch(Repository(tmp_path / "config.git"))
    made.commit({FILE: line(ADA), "values.json": b"0"})
    return made


def test_a_commit_is_judged_and_named(branch: Branch) -> None:
    good, none, unknown = (branch.commit({"values.json": b"%d" % n}, key) for n, key in enumerate((ADA, None, MALLORY)))
    found = read_signatures(branch.repository, branch.head, [unknown, good, none], frozenset())
    assert [each.commit for each in found] == [unknown, good, none]
    assert [each.signature.state for each in found] == ["unknown key", "signed", "not signed"]
    assert found[1].signature.signer == "ada@example.com"
    assert str(found[1].credits.author) == "Ada <ada@example.com>"
    assert found[1].raw.when == NOW + timedelta(minutes=2)


def test_git_says_the_same(branch: Branch, tmp_path: Path) -> None:
    """`git verify-commit` starts ssh-keygen for each commit; ours starts none."""
    over = branch.commit({FILE: line(ADA, options=',valid-before="20200101"') + line(MALLORY)}, ADA)
    commits = [branch.commit({"values.json": b"%d" % n}, key) for n, key in enumerate((ADA, None, MALLORY))]
    keys = tmp_path / "keys"
    keys.write_bytes(branch.repository.blobs([branch.repository.object_id(over, FILE)])[0])
    option = ("-c", f"gpg.ssh.allowedSignersFile={keys}")
    codes = [branch.repository.git.run(*option, "verify-commit", each).status for each in commits]
    assert [code == 0 for code in codes] == [state == "signed" for state in branch.states(*commits)]
    assert branch.states(*commits) == ["key not valid", "not signed", "signed"]


def test_no_commit_brings_the_key_that_proves_it(branch: Branch) -> None:
    brings = branch.commit({FILE: line(ADA) + line(MALLORY)}, MALLORY)
    later = branch.commit({"values.json": b"1"}, MALLORY)
    assert branch.states(brings, later) == ["unknown key", "signed"]


def test_a_commit_that_came_in_two_merges_counts_from_the_first(branch: Branch) -> None:
    start = branch.head
    one = branch.commit({"more.json": b"1"}, ADA, on=start)
    branch.merge(one)
    branch.commit({FILE: line(MALLORY)}, ADA)
    branch.merge(branch.commit({"more.json": b"2"}, MALLORY, on=one))
    assert branch.states(one) == ["signed"]
    assert branch.states(one, base=start) == ["signed"]


def test_a_revoked_key_counts_nowhere(branch: Branch) -> None:
    good = branch.commit({"values.json": b"1"}, ADA)
    assert branch.states(good) == ["signed"]
    assert branch.states(good, revoked=frozenset({signature.public_bytes(ADA)})) == ["revoked key"]
    assert branch.states(good) == ["signed"]


def test_a_forges_merge_is_judged_by_its_parents_and_the_tree_they_make(branch: Branch) -> None:
    start = branch.head
    side = branch.commit({"more.json": b"1"}, ADA, on=start)
    branch.commit({"values.json": b"1"}, ADA)
    assert branch.states(branch.merge(side)) == ["clean merge"]


@pytest.mark.parametrize("key", [None, MALLORY, ADA], ids=["unsigned", "unknown", "ada"])
def test_a_merge_that_brings_more_needs_its_own_signature(branch: Branch, key: PrivateKey | None) -> None:
    start = branch.head
    side = branch.commit({"more.json": b"1"}, ADA, on=start)
    branch.commit({"values.json": b"1"}, ADA)
    merge = branch.merge(side, {"values.json": b"evil"}, key)
    (found,) = read_signatures(branch.repository, branch.head, [merge], frozenset())
    assert found.signature.is_valid == (key is ADA)
    assert ("no clean merge" in found.signature.reason) == (key is not ADA)


def test_a_merge_of_what_conflicts_needs_its_own_signature(branch: Branch) -> None:
    start = branch.head
    side = branch.commit({"values.json": b"1"}, ADA, on=start)
    branch.commit({"values.json": b"2"}, ADA)
    tree = branch.repository.object_id(side, "")
    for key, state in ((None, "not signed"), (ADA, "signed")):
        merge = branch.repository.commit_tree(tree, [branch.head, side], "Merge\n", NOW, PEOPLE[key], key)
        assert branch.states(merge) == [state]


def test_a_merge_of_three_parents_needs_its_own_signature(branch: Branch) -> None:
    start = branch.head
    sides = [branch.commit({f"{n}.json": b"1"}, ADA, on=start) for n in range(2)]
    tree = branch.repository.object_id(sides[0], "")
    merge = branch.repository.commit_tree(tree, [start, *sides], "Merge\n", NOW, PEOPLE[None], None)
    assert branch.states(merge) == ["not signed"]


def test_more_merges_than_are_made_again_are_not_taken_for_clean(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_signatures, "MERGES", 2)
    monkeypatch.setattr(commit_signatures, "_clean", {})
    merges = [branch.merge(branch.commit({f"{n}.json": b"1"}, ADA, on=branch.head)) for n in range(3)]
    assert branch.states(*merges) == ["clean merge", "clean merge", "not checked"]
    assert branch.states(merges[2]) == ["clean merge"], "alone it is"


def test_the_first_commit_has_no_key_that_proves_it(branch: Branch) -> None:
    assert branch.states(branch.head) == ["not signed"]


def test_what_is_not_there_or_no_commit_is_not_checked(branch: Branch) -> None:
    blob = branch.repository.object_id(branch.head, "values.json")
    found = read_signatures(branch.repository, branch.head, ["f" * 40, blob], frozenset())
    assert [each.signature.state for each in found] == ["not checked"] * 2
    assert [each.signature.reason for each in found] == [
        "not checked: it is not in the repository",
        "not checked: it cannot be read",
    ]
    assert read_signatures(branch.repository, branch.head, [], frozenset()) == []


def test_a_commit_too_far_back_is_not_taken_for_a_new_one(branch: Branch) -> None:
    old = branch.commit({"values.json": b"1"}, ADA)
    new = branch.commit({"values.json": b"2"}, ADA)
    came = arrivals(branch.repository, branch.head, "", 1)
    assert (came.is_cut, came.stood_on(new), came.stood_on(old)) == (True, old, None)
    whole = arrivals(branch.repository, branch.head)
    assert (whole.is_cut, whole.stood_on(old)) == (False, branch.repository.log(old)[1].sha)
    assert whole.stood_on("f" * 40) == branch.head


def test_an_illegal_line_of_that_day_takes_nothing_from_the_others(branch: Branch) -> None:
    branch.commit({FILE: b"x y z\n" + line(ADA)}, ADA)
    assert branch.states(branch.commit({"values.json": b"1"}, ADA)) == ["signed"]


def test_keys_that_are_a_folder_are_none(branch: Branch) -> None:
    branch.commit({FILE: None})
    branch.commit({f"{FILE}/a": line(ADA)})
    assert branch.states(branch.commit({"values.json": b"1"}, ADA)) == ["unknown key"]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The git commands that are started."""
    started: list[str] = []
    run = Git.run

    def counting(self: Git, *arguments: str, **more: object) -> object:
        started.append(arguments[0])
        return run(self, *arguments, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Git, "run", counting)
        yield started


def test_many_commits_take_a_few_processes_and_are_verified_once(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = [branch.commit({"values.json": b"%d" % n}, ADA) for n in range(30)]
    with counted(monkeypatch) as started:
        assert branch.states(*commits) == ["signed"] * 30
    assert len(started) == 2
    monkeypatch.setattr(commit_signatures, "check_signature", None)
    assert branch.states(*commits) == ["signed"] * 30


def test_what_is_remembered_has_an_end(branch: Branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_signatures, "_REMEMBERED", 2)
    monkeypatch.setattr(commit_signatures, "_checked", {})
    commits = [branch.commit({"values.json": b"%d" % n}, ADA) for n in range(5)]
    assert branch.states(*commits) == ["signed"] * 5
    assert len(commit_signatures._checked) <= 2
