"""Revoked keys are read as ssh-keygen reads them, one a line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from liftgate.domain.commits.public_key import from_text
from liftgate.domain.commits.revoked_keys import read_revoked
from liftgate.errors import Misconfigured
from tests.domain.commits.test_allowed_signers import MESSAGE, WORKER_LINE, made


def test_a_revoked_key_is_none_for_openssh_too(tmp_path: Path) -> None:
    key = made(tmp_path / "key", "ed25519")
    text = f"# stolen in May\n\n{WORKER_LINE}\n{key.line} ada's old laptop\n"
    assert read_revoked(text.encode()) == {from_text(WORKER_LINE), from_text(key.line)}
    revoked, allowed, signed = tmp_path / "revoked", tmp_path / "allowed", tmp_path / "signed"
    revoked.write_text(text)
    allowed.write_text(f"ada {key.line}\n")
    signed.write_text(key.signed)
    command = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "ada", "-n", "git", "-s", str(signed)]
    codes = [
        subprocess.run([*command, *more], input=MESSAGE, capture_output=True, check=False).returncode
        for more in ([], ["-r", str(revoked)])
    ]
    assert (codes[0] == 0, codes[1] == 0) == (True, False)


def test_nothing_is_revoked_by_an_empty_file() -> None:
    assert read_revoked(b"\n# none\n") == frozenset()


@pytest.mark.parametrize("line", ["ada@example.com", "SSHKRL\n", "ssh-ed25519", "ssh-ed25519 AAAA"])
def test_an_illegal_line_is_named_with_its_number(line: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read_revoked(f"# keys\n{line}\n{WORKER_LINE}\n{line}".encode())
    first, last = str(caught.value).splitlines()
    assert first.startswith(".liftgate/revoked_keys:2: ")
    assert last.partition(": ")[2] == first.partition(": ")[2]
