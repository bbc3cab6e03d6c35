"""A rejected push: whether the ref moved decides, not what the remote says about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from liftgate.errors import Refused
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Git
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR


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
