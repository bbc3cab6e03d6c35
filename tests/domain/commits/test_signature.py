"""SSH signatures: ours verify with OpenSSH, OpenSSH's verify with ours, and nothing else does."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.commits.allowed_signers import Signer, read_allowed
from liftgate.domain.commits.signature import (
    LEDGER,
    VOTES,
    allowed_line,
    missing,
    public_bytes,
    read_private_key,
    sign,
    signer_of,
)
from liftgate.errors import Misconfigured
from tests.examples import ALLOWED_SIGNERS, SERVER, WORKER, private_text

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
    key.write_text(private_text(SERVER))
    key.chmod(0o600)
    command = ["ssh-keygen", "-Y", "sign", "-f", str(key), "-n", VOTES]
    done = subprocess.run(command, input=b"a vote", capture_output=True, check=True)
    assert signer_of(b"a vote", done.stdout.decode(), VOTES, SIGNERS) == "server@example.com"
    assert done.stdout.decode() == sign(b"a vote", SERVER, VOTES)


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


def test_a_private_key_reads_back() -> None:
    assert public_bytes(read_private_key(private_text(WORKER), "X")) == public_bytes(WORKER)


def test_a_bad_key_names_the_setting_and_not_the_key() -> None:
    with pytest.raises(Misconfigured) as caught:
        read_private_key("-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n", "LIFTGATE_WORKER__SIGNING_KEY")
    assert str(caught.value) == (
        "LIFTGATE_WORKER__SIGNING_KEY is not an OpenSSH Ed25519 private key without a passphrase; "
        "create one with: ssh-keygen -t ed25519 -N ''"
    )


class Service:
    """Shows what it was given."""

    def public_half(self) -> bytes:
        return b"p" * 32

    def signature(self, message: bytes, namespace: str) -> str:
        return f"{message!r} for {namespace}"


def test_a_service_signs_what_it_is_given() -> None:
    assert public_bytes(Service()) == b"p" * 32
    assert sign(b"m", Service(), VOTES) == "b'm' for liftgate-vote"


@pytest.mark.parametrize(
    ("part", "other"), [(b"SSHSIG", b"SSHSIX"), (LEDGER.encode(), b"liftgate-ledgex"), (b"sha512", b"sha256")]
)
def test_another_format_namespace_or_algorithm_in_the_envelope_is_none(part: bytes, other: bytes) -> None:
    """What was signed is unchanged, so only the envelope is wrong."""
    blob = base64.b64decode("".join(sign(b"x", WORKER, LEDGER).splitlines()[1:-1]))
    assert signer_of(b"x", armoured(blob), LEDGER, SIGNERS) == "liftgate@example.com"
    assert signer_of(b"x", armoured(blob.replace(part, other, 1)), LEDGER, SIGNERS) is None


def armoured(blob: bytes) -> str:
    return f"begin\n{base64.b64encode(blob).decode()}\nend\n"


def test_a_signature_with_foreign_characters_is_none() -> None:
    assert signer_of(b"x", sign(b"x", WORKER, LEDGER).replace("\nU", "\n!U", 1), LEDGER, SIGNERS) is None


def test_a_line_reads_back_and_comments_allow_nothing() -> None:
    line = allowed_line("ada@b", (LEDGER, VOTES), public_bytes(WORKER))
    assert line.startswith('ada@b namespaces="liftgate-ledger,liftgate-vote" ssh-ed25519 AAAA')
    expected = Signer(principals=("ada@b",), namespaces=(LEDGER, VOTES), key=public_bytes(WORKER))
    assert read_allowed(f"#{line}\n# a comment\n\n{line} comment\n") == (expected,)


def test_the_namespaces_that_a_key_lacks_are_named() -> None:
    assert missing(public_bytes(WORKER), (LEDGER, VOTES, "git"), SIGNERS) == (VOTES,)
    assert missing(public_bytes(SERVER), (LEDGER, VOTES), SIGNERS) == (LEDGER,)
    assert missing(b"k" * 32, (LEDGER, VOTES), SIGNERS) == (LEDGER, VOTES)
