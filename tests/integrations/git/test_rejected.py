"""A rejected push: whether the ref moved decides, not what the remote says about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.git.failure import is_hiccup
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Git, sign_in
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR, Hosted

TOKEN = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"


def remote(folder: Path, hook: str) -> Mirror:
    """A mirror of a plain repository whose `update` hook is this."""
    Git(folder)("init", "--quiet", "--bare", "there.git")
    mirror = Mirror(folder / "state", str(folder / "there.git"), "main")
    mirror.prepare()
    first = mirror.write("", {"a": b"1"}, "First\n", NOW, AUTHOR, None)
    assert mirror.push(first, mirror.ref, "") == "pushed"
    path = folder / "there.git" / "hooks" / "update"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{hook}\n")
    path.chmod(0o755)
    return mirror


def pushed(mirror: Mirror) -> str:
    head = mirror.head
    return mirror.push(mirror.write(head, {"a": b"2"}, "Ours\n", NOW, AUTHOR, None), mirror.ref, head)


def test_a_refusal_that_talks_of_locks_is_a_refusal(tmp_path: Path) -> None:
    mirror = remote(tmp_path, "echo 'cannot lock ref, failed to update ref, incorrect old value' >&2; exit 1")
    with pytest.raises(Refused, match="does not let the worker push to refs/heads/main: hook declined"):
        pushed(mirror)


def test_a_ref_that_moved_meanwhile_is_a_race_whatever_is_said(tmp_path: Path) -> None:
    """The hook is somebody who is quicker: it moves the branch, and then refuses."""
    moves = "unset GIT_QUARANTINE_PATH; git update-ref $1 $(git commit-tree -p $2 -m theirs $2^{tree}); exit 1"
    who = "export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b"
    mirror = remote(tmp_path, f"{who}; {moves}")
    assert pushed(mirror) == "stale"


def test_a_lock_of_the_remotes_own_that_goes_is_waited_for(tmp_path: Path) -> None:
    """The first push fails for a passing reason while the ref stays where it was."""
    mirror = remote(tmp_path, "[ -e tried ] && exit 0; touch tried; exit 1")
    assert pushed(mirror) == "pushed"
    assert mirror.head == Git(tmp_path / "there.git")("rev-parse", "refs/heads/main")


def test_a_server_that_lets_no_one_remove_a_branch_still_takes_the_commit(tmp_path: Path) -> None:
    """Its hook refuses a push as a whole, also for the preview that the same push would remove."""
    mirror, preview = remote(tmp_path, "exit 0"), "refs/heads/liftgate/previews/1"
    there = tmp_path / "there.git"
    assert mirror.push(mirror.head, preview, "") == "pushed"
    hook = there / "hooks" / "pre-receive"
    hook.write_text('#!/bin/sh\nwhile read old new ref; do case "$new" in *[1-9a-f]*) ;; *) exit 1;; esac; done\n')
    hook.chmod(0o755)
    head = mirror.head
    ours = mirror.write(head, {"a": b"2"}, "Ours\n", NOW, AUTHOR, None)
    assert mirror.push(ours, mirror.ref, head, preview) == "pushed"
    assert Git(there)("rev-parse", "refs/heads/main") == ours == mirror.head
    assert mirror.resolve(preview), "it is there still, so it is not forgotten"


def test_the_servers_own_reasons_are_kept_without_secrets(tmp_path: Path) -> None:
    lines = "error: GH013: Repository rule violations found for refs/heads/main.", "- Commits must be signed", TOKEN
    mirror = remote(tmp_path, "; ".join(f"echo '{line}' >&2" for line in lines) + "; exit 1")
    with pytest.raises(Refused) as told:
        pushed(mirror)
    assert "hook declined: GH013: Repository rule violations found" in str(told.value)
    assert "Commits must be signed" in str(told.value)
    assert TOKEN not in str(told.value)


def test_a_server_that_cannot_take_a_push_now_is_asked_again_later(tmp_path: Path) -> None:
    mirror = remote(tmp_path, "exit 0")
    refs = tmp_path / "there.git" / "refs" / "heads"
    (refs / "main.lock").touch()
    with pytest.raises(Unavailable, match=r"failed to update ref|cannot lock ref"):
        pushed(mirror)
    (refs / "main.lock").unlink()
    assert pushed(mirror) == "pushed"


@pytest.mark.parametrize(
    ("summary", "passes"),
    [
        ("[remote rejected] (Internal Server Error)", True),
        ("[remote rejected] (failed to update ref)", True),
        ("[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)", True),
        ("[remote rejected] (pre-receive hook declined)", False),
        ("[remote rejected] (protected branch hook declined)", False),
        ("[remote rejected] (push declined due to repository rule violations)", False),
        ("[remote rejected] (hook says: Internal Server Error)", False),
        ("[rejected] (stale info)", False),
    ],
)
def test_only_what_the_server_itself_could_not_do_passes(summary: str, passes: bool) -> None:
    assert is_hiccup(summary) == passes


def refused(hosted: Hosted, mirror: Mirror) -> LiftgateError:
    hosted.forge.faults.arm({"fault": "git-401", "times": 4})
    with pytest.raises(LiftgateError) as told:
        mirror.fetch()
    hosted.forge.faults.clear()
    return told.value


def test_a_sign_in_that_worked_before_is_tried_again_for_a_while(hosted: Hosted) -> None:
    mirror = hosted.mirror("reader")
    assert type(refused(hosted, mirror)) is Misconfigured
    mirror.fetch()
    assert type(refused(hosted, mirror)) is Unavailable
    mirror._sign_in._refused_since["fetch"] -= 3600
    assert type(refused(hosted, mirror)) is Misconfigured
    mirror.fetch()
    assert type(refused(hosted, mirror)) is Unavailable


def test_who_may_fetch_but_not_push_is_told_so_at_once(hosted: Hosted) -> None:
    hosted.forge.add_user("ada", hosted.tokens["ada"], permission="read")
    mirror = Mirror(
        hosted.forge.core.repositories / "m",
        f"{hosted.url}/shop/config.git",
        "main",
        sign_in("a", hosted.tokens["ada"]),
    )
    mirror.fetch()
    with pytest.raises(Misconfigured):
        mirror.check_push(f"refs/heads/liftgate/promotions/{'1' * 8}")
    with pytest.raises(Misconfigured):
        pushed(mirror)


def test_whether_a_sign_in_may_push_is_asked_without_a_push(hosted: Hosted) -> None:
    mirror = hosted.mirror("reader")
    mirror.fetch()
    mirror.check_push("refs/heads/liftgate/promotions/1")
    assert hosted.forge.bare("shop/config").branch("liftgate/promotions/1") is None
