"""A fetch that hangs in its middle is ended, or killed; the next one finds a whole mirror and needs no new one."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from liftgate.errors import Unavailable
from liftgate.integrations import deadline
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Git
from liftgate.integrations.time_limit import time_limit
from tests.committing import commit

WITHIN = 0.5
"""Seconds until a fetch is ended."""
BYTES = (0, 3000, 100_000)
"""Of the remote's answer that come before it hangs: none, those about refs, and parts of the pack."""


def new_files(number: int) -> Mapping[str, bytes]:
    """Some that cannot be compressed."""
    return {f"configs/{number}/{each}": os.urandom(1000).hex().encode() for each in range(200)}


def hang(mirror: Mirror, after: int) -> None:
    """The remote's answer stops after so many bytes."""
    program = mirror.directory.parent / "upload-pack"
    program.write_text(f'#!/bin/sh\ngit upload-pack "$@" | head -c {after}\nexec sleep 60\n')
    program.chmod(0o755)
    mirror.git("config", "remote.origin.uploadpack", str(program))


@pytest.mark.parametrize("kill", [signal.SIGTERM, signal.SIGKILL])
def test_what_fetches_that_ended_in_their_middle_leave_stops_no_fetch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kill: signal.Signals
) -> None:
    there = tmp_path / "there.git"
    Git(tmp_path)("init", "--quiet", "--bare", "--initial-branch=main", str(there))
    head = commit(there, new_files(0), "First\n")
    mirror = Mirror(tmp_path / "here", str(there), "main")
    assert mirror.fetch() == head
    usual = deadline._signal
    monkeypatch.setattr(deadline, "_signal", lambda process, _: usual(process, kill))
    for number, after in enumerate(BYTES, 1):
        new = commit(there, new_files(number), "More\n", parent=head)
        hang(mirror, after)
        with pytest.raises(Unavailable), time_limit(WITHIN):
            mirror.fetch()
        assert mirror.head == head, "the branch moves only when all is there"
        assert mirror.file(head, "configs/0/0"), "what was there is read"
        mirror.git("config", "--unset", "remote.origin.uploadpack")
        assert mirror.fetch() == new
        assert mirror.file(new, f"configs/{number}/199")
        head = new
    assert mirror.git.run("fsck", "--no-dangling").status == 0
    assert list(mirror.directory.rglob("*.lock")) == []
    assert not (mirror.directory / "liftgate-made-again").exists(), "nothing was doubted"
