"""The mirror against a real forge over HTTP: reading, signed commits, leases, races."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from liftgate_sandbox.forge import Protection

from liftgate.domain.promotion.message import read_trailers
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Git, Result, sign_in
from tests.examples import ALLOWED_SIGNERS, NOW, WORKER
from tests.integrations.conftest import AUTHOR, Hosted

PATH = "configs/dev/values.json"


def test_a_file_is_read_with_the_id_of_its_blob(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    file = mirror.file(mirror.fetch(), PATH)
    assert file is not None
    assert b'"example-app"' in file.data
    assert file.blob == mirror.object_id(mirror.head, PATH)


def test_what_is_not_there_is_none(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    assert mirror.file(mirror.fetch(), "configs/nowhere/values.json") is None


@pytest.mark.parametrize("path", ["a b/é.json", "line\nbreak.json", '"quoted".json', "-z", "x:y"])
def test_a_file_is_read_whatever_its_name(hosted: Hosted, path: str) -> None:
    mirror = hosted.mirror("one")
    sha = mirror.write(mirror.fetch(), {path: b"first\nlast\n"}, "A file", NOW, AUTHOR, WORKER)
    file = mirror.file(sha, path)
    assert file is not None
    assert (file.data, file.blob) == (b"first\nlast\n", mirror.object_id(sha, path))


@pytest.mark.parametrize("path", ["configs", "configs/dev", "configs/dev/values.json/below"])
def test_a_folder_is_no_file(hosted: Hosted, path: str) -> None:
    mirror = hosted.mirror("one")
    assert mirror.file(mirror.fetch(), path) is None
    assert mirror.file("0" * 40, PATH) is None, "nor is what is not there"


def test_a_commit_of_ours_is_signed_so_that_git_itself_verifies_it(hosted: Hosted, tmp_path: Path) -> None:
    mirror = hosted.mirror("one")
    head = mirror.fetch()
    sha = mirror.write(head, {PATH: b"{}\n"}, "A change\n\nPromotion-Id: 1\n", NOW, AUTHOR, WORKER)
    assert mirror.push(sha, mirror.ref, head) == "pushed"
    signers = tmp_path / "allowed"
    signers.write_text(ALLOWED_SIGNERS)
    command = ["git", "-c", f"gpg.ssh.allowedSignersFile={signers}", "-c", "gpg.format=ssh"]
    checked = subprocess.run(
        [*command, "verify-commit", "--verbose", sha], cwd=mirror.directory, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert 'Good "git" signature for liftgate@example.com' in checked.stderr


def test_the_same_commit_written_twice_has_one_sha(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    head = mirror.fetch()
    both = {mirror.write(head, {PATH: b"{}\n"}, "A change\n", NOW, AUTHOR, WORKER) for _ in range(2)}
    assert len(both) == 1


def test_a_push_on_what_moved_in_between_is_stale_and_changes_nothing(hosted: Hosted) -> None:
    ours = hosted.mirror("ours")
    head = ours.fetch()
    theirs = hosted.commit({"README.md": b"theirs\n"})
    sha = ours.write(head, {PATH: b"{}\n"}, "Ours\n", NOW, AUTHOR, WORKER)
    assert ours.push(sha, ours.ref, head) == "stale"
    assert ours.fetch() == theirs


def test_six_writers_at_once_lose_nothing(hosted: Hosted) -> None:
    def write(number: int) -> None:
        mirror = hosted.mirror(f"writer{number}")
        while True:
            head = mirror.fetch()
            sha = mirror.write(head, {f"notes/{number}": b"x"}, f"{number}\n", NOW, AUTHOR, None)
            if mirror.push(sha, mirror.ref, head) == "pushed":
                return

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    mirror = hosted.mirror("reader")
    assert len(mirror.paths(mirror.fetch(), "notes")) == 6


def test_a_protected_branch_refuses_with_the_remotes_own_words(hosted: Hosted) -> None:
    hosted.forge.protect("shop/config", "main", Protection(approvals=1))
    mirror = hosted.mirror("one")
    head = mirror.fetch()
    sha = mirror.write(head, {PATH: b"{}\n"}, "No\n", NOW, AUTHOR, WORKER)
    with pytest.raises(Refused, match="does not let the worker push"):
        mirror.push(sha, mirror.ref, head)


def test_a_wrong_token_is_a_mistake_of_the_settings_and_is_never_shown(hosted: Hosted, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "x", f"{hosted.url}/shop/config.git", "main", sign_in("bot", "s3cret-t0ken"))
    with pytest.raises(Misconfigured, match="LIFTGATE_REPOSITORY__TOKEN") as caught:
        mirror.fetch()
    assert "s3cret" not in str(caught.value)


def test_the_token_stands_in_no_file_of_the_mirror(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    mirror.fetch()
    token = hosted.tokens["liftgate-bot"].encode()
    assert not [path for path in mirror.directory.rglob("*") if path.is_file() and token in path.read_bytes()]


def test_a_branch_that_does_not_exist_is_named(hosted: Hosted, tmp_path: Path) -> None:
    environment = sign_in("bot", hosted.tokens["liftgate-bot"])
    mirror = Mirror(tmp_path / "x", f"{hosted.url}/shop/config.git", "trunk", environment)
    with pytest.raises(Misconfigured, match='no branch "trunk"'):
        mirror.fetch()


def test_history_follows_the_first_parent_and_finds_trailers(hosted: Hosted) -> None:
    hosted.commit({PATH: b"{}\n"}, "Change dev\n\nPromotion-Id: abc\nPromotion-Environment: dev\n")
    hosted.commit({"README.md": b"x"})
    mirror = hosted.mirror("one")
    mirror.fetch()
    found = mirror.log(mirror.ref, grep="Promotion-Id: abc")
    assert [read_trailers(commit.message)["Promotion-Environment"] for commit in found] == [("dev",)]
    assert [commit.sha for commit in mirror.log(mirror.ref, paths=(PATH,), limit=1)] == [found[0].sha]


def test_a_branch_is_removed_and_once_more_is_harmless(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    ref = "refs/heads/liftgate/preview/1"
    assert mirror.push(mirror.fetch(), ref, "") == "pushed"
    mirror.fetch()
    assert mirror.resolve(ref)
    for _ in range(2):
        mirror.remove(ref)
        assert not mirror.resolve(ref)
    assert b"preview" not in mirror.git.run("ls-remote", "origin").out


def test_a_push_removes_a_branch_that_is_needless_then(hosted: Hosted) -> None:
    mirror, other = hosted.mirror("one"), hosted.mirror("two")
    head, ref = mirror.fetch(), "refs/heads/liftgate/preview/1"
    mirror.push(head, ref, "")
    sha = mirror.write(head, {PATH: b"{}\n"}, "A change\n", NOW, AUTHOR, WORKER)
    assert mirror.push(sha, mirror.ref, head, ref) == "pushed"
    assert (mirror.head, mirror.resolve(ref)) == (sha, "")
    assert other.fetch() == sha
    assert not other.resolve(ref)
    later = mirror.write(sha, {PATH: b"[]\n"}, "Another\n", NOW, AUTHOR, WORKER)
    assert mirror.push(later, mirror.ref, sha, ref) == "pushed", "it is gone already"


def test_a_branch_that_may_not_be_removed_does_not_stop_the_push(hosted: Hosted) -> None:
    mirror, ref = hosted.mirror("one"), "refs/heads/liftgate/preview/1"
    head = mirror.fetch()
    mirror.push(head, ref, "")
    hosted.forge.protect("shop/config", "liftgate/preview/1", Protection())
    sha = mirror.write(head, {PATH: b"{}\n"}, "A change\n", NOW, AUTHOR, WORKER)
    assert mirror.push(sha, mirror.ref, head, ref) == "pushed"
    assert mirror.resolve(ref) == head


def test_a_push_that_is_stale_says_so_whatever_became_of_the_other_branch(hosted: Hosted) -> None:
    mirror, ref = hosted.mirror("one"), "refs/heads/liftgate/preview/1"
    head = mirror.fetch()
    mirror.push(head, ref, "")
    hosted.commit({"README.md": b"theirs"})
    sha = mirror.write(head, {PATH: b"{}\n"}, "A change\n", NOW, AUTHOR, WORKER)
    assert mirror.push(sha, mirror.ref, head, ref) == "stale"
    mirror.remove(ref)
    assert not mirror.resolve(ref)


def test_a_remote_that_forbids_removing_says_so(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    ref = "refs/heads/liftgate/preview/1"
    mirror.push(mirror.fetch(), ref, "")
    hosted.forge.protect("shop/config", "liftgate/preview/1", Protection())
    with pytest.raises(Refused, match="does not let the worker push to refs/heads/liftgate/preview/1"):
        mirror.remove(ref)


def test_a_file_of_a_commit_is_read_once(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = hosted.commit({"values.json": b"1"}, "first")
    mirror = hosted.mirror("reader")
    mirror.fetch()
    asked: list[str] = []
    run = Git.run

    def counted(git: Git, *arguments: str, **more: Any) -> Result:
        if git is mirror.git:
            asked.append(arguments[0])
        return run(git, *arguments, **more)

    monkeypatch.setattr(Git, "run", counted)
    for _ in range(3):
        assert [mirror.file(sha, name) is None for name in ("values.json", "nothing.json")] == [False, True]
    assert asked == [], "what its folder does not have is not there"
    for content in (b"1", b"2"):
        hosted.commit({"values.json": content}, "next")
        mirror.fetch()
        file = mirror.file(mirror.ref, "values.json")
        assert file is not None
        assert file.data == content, "a branch moves"
