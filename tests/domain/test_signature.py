"""SSH signatures: ours verify with OpenSSH, OpenSSH's verify with ours, and nothing else does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.signature import (
    LEDGER,
    VOTES,
    allowed_line,
    public_bytes,
    read_allowed,
    read_private_key,
    sign,
    signer_of,
)
from liftgate.errors import Misconfigured
from tests.examples import ALLOWED_SIGNERS, GATEHOUSE, WORKER, private_text

SIGNERS = read_allowed(ALLOWED_SIGNERS)


def test_openssh_verifies_ours(tmp_path: Path) -> None:
    allowed, signed = tmp_path / "allowed", tmp_path / "signature"
    allowed.write_text(ALLOWED_SIGNERS)
    signed.write_text(sign(b"hello", WORKER, LEDGER))
    command = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "liftgate@example.com", "-n", LEDGER]
    done = subprocess.run([*command, "-s", str(signed)], input=b"hello", capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_ours_verifies_openssh(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(private_text(GATEHOUSE))
    key.chmod(0o600)
    command = ["ssh-keygen", "-Y", "sign", "-f", str(key), "-n", VOTES]
    done = subprocess.run(command, input=b"a vote", capture_output=True, check=True)
    assert signer_of(b"a vote", done.stdout.decode(), VOTES, SIGNERS) == "gatehouse@example.com"


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_only_the_signed_message_verifies(message: bytes, other: bytes) -> None:
    signed = sign(message, WORKER, LEDGER)
    assert (signer_of(other, signed, LEDGER, SIGNERS) is not None) == (message == other)


def test_a_signature_for_another_namespace_is_none() -> None:
    assert signer_of(b"x", sign(b"x", WORKER, LEDGER), VOTES, SIGNERS) is None


def test_a_key_that_may_not_sign_there_is_none() -> None:
    assert signer_of(b"x", sign(b"x", WORKER, VOTES), VOTES, SIGNERS) is None


@given(st.text(max_size=300))
def test_garbage_is_none(text: str) -> None:
    assert signer_of(b"x", text, VOTES, SIGNERS) is None


def test_a_line_without_namespaces_allows_nothing() -> None:
    line = allowed_line("a@b", (LEDGER,), public_bytes(WORKER)).replace(f'namespaces="{LEDGER}" ', "")
    assert read_allowed(line) == ()


def test_a_private_key_reads_back() -> None:
    assert public_bytes(read_private_key(private_text(WORKER), "X")) == public_bytes(WORKER)


def test_a_bad_key_names_the_setting_and_not_the_key() -> None:
    with pytest.raises(Misconfigured, match="LIFTGATE_WORKER__SIGNING_KEY") as caught:
        read_private_key("-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n", "LIFTGATE_WORKER__SIGNING_KEY")
    assert "hunter2" not in str(caught.value)
