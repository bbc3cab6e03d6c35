"""The file of allowed signers means to us what it means to ssh-keygen; an illegal line is refused with its number."""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.commits.allowed_signers import read_allowed, readable
from liftgate.domain.commits.public_key import fingerprint, from_text, pack
from liftgate.domain.commits.signature import COMMITS, VOTES, allowed_for, missing, public_bytes, signer_of
from liftgate.errors import Misconfigured
from tests.examples import WORKER

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
MESSAGE = b"a commit"
KINDS = {
    "ed25519": [],
    "ecdsa": ["-b", "256"],
    "ecdsa-384": ["-b", "384"],
    "ecdsa-521": ["-b", "521"],
    "rsa": ["-b", "2048"],
}


class Key(NamedTuple):
    line: str
    """Kind and key, as in the .pub file."""
    signed: str
    """Its signature of MESSAGE for commits."""


@pytest.fixture(scope="module", params=KINDS)
def key(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Key:
    return made(tmp_path_factory.mktemp("key") / "key", request.param)


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return made(tmp_path_factory.mktemp("ada") / "key", "ed25519")


def made(path: Path, kind: str, *options: str) -> Key:
    command = ["ssh-keygen", "-q", "-t", kind.partition("-")[0], *KINDS[kind], "-N", "", "-f", str(path)]
    subprocess.run(command, check=True)
    sign = ["ssh-keygen", "-Y", "sign", "-f", str(path), "-n", COMMITS, *options]
    signed = subprocess.run(sign, input=MESSAGE, capture_output=True, check=True).stdout.decode()
    return Key(" ".join(path.with_suffix(".pub").read_text().split()[:2]), signed)


def openssh(folder: Path, allowed: str, signed: str, principal: str, at: datetime = NOW) -> bool:
    """Whether ssh-keygen takes the signature for the principal's."""
    lines, file = folder / "allowed", folder / "signed"
    lines.write_text(allowed)
    file.write_text(signed)
    command = ["ssh-keygen", "-Y", "verify", "-f", str(lines), "-I", principal, "-n", COMMITS, "-s", str(file)]
    command += ["-O", f"verify-time={at:%Y%m%d%H%M%S}Z"]
    return subprocess.run(command, input=MESSAGE, capture_output=True, check=False).returncode == 0


def test_every_kind_of_key_that_openssh_signs_with_counts(key: Key, tmp_path: Path) -> None:
    line = f'ada@example.com namespaces="git" {key.line} ada on her laptop'
    assert openssh(tmp_path, line, key.signed, "ada@example.com")
    assert signer_of(MESSAGE, key.signed, COMMITS, read_allowed(line), NOW) == "ada@example.com"
    assert signer_of(b"another", key.signed, COMMITS, read_allowed(line), NOW) is None


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_both_hashes_of_the_format_count(tmp_path: Path, algorithm: str) -> None:
    signed = made(tmp_path / "key", "ed25519", "-O", f"hashalg={algorithm}")
    assert signer_of(MESSAGE, signed.signed, COMMITS, read_allowed(f"ada@example.com {signed.line}"), NOW)


YES = (
    "ada@example.com {}",
    "ada@example.com\t{}",
    "  ada@example.com   {}  with a comment",
    '"ada@example.com" {}',
    "ada@example.com,ada@example.org {}",
    'ada@example.com namespaces="git" {}',
    'ada@example.com NAMESPACES="git" {}',
    'ada@example.com namespaces="file,git" {}',
    'ada@example.com namespaces="g?t" {}',
    'ada@example.com namespaces="*" {}',
    'ada@example.com namespaces="!file,*" {}',
    f'ada@example.com namespaces="{"*" * 40}t" {{}}',
    'ada@example.com namespaces="git",valid-before="20270101Z" {}',
    'ada@example.com valid-before="20270101Z" {}',
    'ada@example.com valid-after="20260101Z",valid-before="20270101Z",namespaces="git" {}',
    'ada@example.com valid-after="20260504115959Z" {}',
    'ada@example.com valid-before="202605041201Z" {}',
    'ada@example.com valid-before="20260504120100UTC" {}',
)
NO = (
    'ada@example.com namespaces="file" {}',
    'ada@example.com namespaces="!git,*" {}',
    f'ada@example.com namespaces="{"*" * 1000}x" {{}}',
    'ada@example.com namespaces="git",valid-before="20260101Z" {}',
    'ada@example.com valid-before="20260504115959Z",namespaces="git" {}',
    'ada@example.com valid-after="20260504120001Z" {}',
    "ada@example.com cert-authority {}",
    'ada@example.com cert-authority,namespaces="git" {}',
    "# ada@example.com {}",
    *(f"# left in May:{end}ada@example.com {{}}" for end in "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"),
)
ILLEGAL = (
    "ada@example.com",
    "ada@example.com namespaces=git {}",
    'ada@example.com namespaces="git {}',
    'ada@example.com namespaces="git",namespaces="git" {}',
    'ada@example.com namespaces="git",namespace="x" {}',
    'ada@example.com valid-before="tomorrow" {}',
    'ada@example.com valid-before="20261301Z" {}',
    'ada@example.com valid-after="20270101Z",valid-before="20260101Z" {}',
    "ada@example.com no-pty {}",
    'ada@example.com namespaces="git", {}',
    '"ada@example.com {}',
    "ada@example.com\u00a0{}",
    "ada@example.com {}\u00a0",
    "ada@example.com ssh-ed25519 AAAA",
    "ada@example.com ssh-ed25519 not base64",
    "ada@example.com ssh-dss AAAAB3NzaC1kc3MAAAAA",
)


@pytest.mark.parametrize("line", YES)
def test_what_openssh_allows_is_allowed(ada: Key, tmp_path: Path, line: str) -> None:
    text = line.format(ada.line)
    assert openssh(tmp_path, text, ada.signed, "ada@example.com")
    assert signer_of(MESSAGE, ada.signed, COMMITS, read_allowed(text), NOW) == "ada@example.com"


def test_blanks_are_spaces_and_tabs(ada: Key, tmp_path: Path) -> None:
    text = "\t".join(("ada@example.com", 'namespaces="git"', *ada.line.split(), "her laptop"))
    assert openssh(tmp_path, text, ada.signed, "ada@example.com")
    assert signer_of(MESSAGE, ada.signed, COMMITS, read_allowed(f"{text}\r\n"), NOW) == "ada@example.com"


@pytest.mark.parametrize("line", NO)
def test_what_openssh_does_not_allow_is_not_allowed(ada: Key, tmp_path: Path, line: str) -> None:
    text = line.format(ada.line)
    assert not openssh(tmp_path, text, ada.signed, "ada@example.com")
    assert signer_of(MESSAGE, ada.signed, COMMITS, read_allowed(text), NOW) is None


@pytest.mark.parametrize("line", ILLEGAL)
def test_an_illegal_line_is_named_with_its_number_and_stops_no_other(ada: Key, tmp_path: Path, line: str) -> None:
    text = line.format(ada.line)
    assert not openssh(tmp_path, text, ada.signed, "ada@example.com")
    good = f"grace@example.com {ada.line}"
    with pytest.raises(Misconfigured) as caught:
        read_allowed(f"# people\n{good}\n{text}\n{text}\n")
    assert [each.partition(": ")[0] for each in str(caught.value).splitlines()] == [
        ".liftgate/allowed_signers:3",
        ".liftgate/allowed_signers:4",
    ]
    assert [each.principal for each in readable(f"{text}\n{good}\n")] == ["grace@example.com"]


def test_a_fingerprint_is_that_of_ssh_keygen(key: Key, tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(f"{key.line}\n")
    said = subprocess.run(["ssh-keygen", "-l", "-f", str(tmp_path / "key.pub")], capture_output=True, check=True)
    assert fingerprint(from_text(key.line)) == said.stdout.decode().split()[1]


@given(st.text(st.sampled_from('ad@ ,"=\\\t#!*'), max_size=30) | st.text(max_size=60))
def test_no_text_is_an_error_of_ours(text: str) -> None:
    readable(text)


@given(st.integers(-90, 90), st.integers(-90, 90), st.integers(-90, 90))
def test_a_key_counts_from_its_first_second_until_its_last(after: int, before: int, at: int) -> None:
    def written(days: int) -> str:
        return f"{NOW + timedelta(days=days):%Y%m%d%H%M%S}Z"

    line = f'ada valid-after="{written(after)}",valid-before="{written(before)}" {WORKER_LINE}'
    if before <= after:
        assert readable(line) == ()
    else:
        (signer,) = read_allowed(line)
        assert signer.is_valid(NOW + timedelta(days=at)) == (after <= at < before)
        assert not signer.is_valid(None), "without a time only a key that is always valid counts"


WORKER_LINE = f"ssh-ed25519 {base64.b64encode(public_bytes(WORKER)).decode()}"


@pytest.mark.parametrize(
    ("options", "always"), [('valid-after="20200101"', False), ('valid-before="20990101"', False), ("", True)]
)
def test_without_a_time_only_a_key_without_an_end_and_a_beginning_counts(options: str, always: bool) -> None:
    (signer,) = read_allowed(f"ada {options} {WORKER_LINE}")
    assert signer.is_valid(None) == always
    assert signer.is_valid(NOW)


def test_a_line_without_namespaces_counts_for_commits_alone() -> None:
    signers = read_allowed(f"ada@example.com {WORKER_LINE}")
    assert missing(public_bytes(WORKER), (COMMITS, VOTES), signers) == (VOTES,)


@pytest.mark.parametrize(
    ("written", "meant"), [("", ("",)), ('a\\"b', ('a"b',)), ("git,file", ("git", "file")), (",", ("", ""))]
)
def test_namespaces_are_taken_as_they_are_written(written: str, meant: tuple[str, ...]) -> None:
    line = f'ada namespaces="{written}" {WORKER_LINE}'
    (signer,) = read_allowed(line)
    assert signer.namespaces == meant
    assert readable(f"{line}\nx y z\n{line}") == (signer, signer)


def test_a_star_stands_for_every_character() -> None:
    (signer,) = read_allowed(f'ada namespaces="a*b" {WORKER_LINE}')
    assert [signer.may_sign(each) for each in ("ab", "a\nb", "ab\n")] == [True, True, False]


def test_a_key_may_be_allowed_by_several_lines() -> None:
    both = f'a namespaces="git" {WORKER_LINE}\nb namespaces="liftgate-vote" {WORKER_LINE}\n'
    other = f'ada namespaces="git" ssh-ed25519 {key_text(b"ssh-ed25519", b"k" * 32)}\n'
    assert [each.principal for each in allowed_for((COMMITS, VOTES), read_allowed(both + other))] == ["a", "b"]


def test_a_key_that_is_over_is_missing_at_that_time_alone() -> None:
    signers = read_allowed(f'ada@example.com valid-before="20260101" {WORKER_LINE}')
    assert missing(public_bytes(WORKER), (COMMITS,), signers) == ()
    assert missing(public_bytes(WORKER), (COMMITS,), signers, NOW) == (COMMITS,)


@pytest.mark.parametrize(("text", "name"), [("*@example.com,ada@example.com", "ada@example.com"), ("*", "*")])
def test_the_name_shown_is_the_first_that_is_no_pattern(text: str, name: str) -> None:
    (signer,) = read_allowed(f"{text} {WORKER_LINE}")
    assert signer.principal == name


def key_text(kind: bytes, key: bytes) -> str:
    return base64.b64encode(pack(kind, key)).decode()


@pytest.mark.parametrize(
    "key",
    [
        key_text(b"ssh-ed25518", b"k" * 32),
        key_text(b"ssh-ed25519", b"k" * 31),
        "!" + key_text(b"ssh-ed25519", b"k" * 32),
    ],
)
def test_a_key_of_another_kind_or_length_or_form_is_named(key: str) -> None:
    with pytest.raises(Misconfigured, match="allowed_signers:1: this is not a public key of the kind ssh-ed25519"):
        read_allowed(f'ada namespaces="git" ssh-ed25519 {key}\n')


@pytest.mark.parametrize(("flags", "counts"), [(b"\x01", True), (b"\x05", True), (b"\x00", False)])
def test_a_security_key_counts_when_a_person_touched_it(flags: bytes, counts: bool) -> None:
    """As PROTOCOL.u2f describes it; no such key is at hand here."""
    counter, application = struct.pack(">I", 7), b"ssh:"
    signed = b"SSHSIG" + pack(b"git", b"", b"sha512", hashlib.sha512(MESSAGE).digest())
    data = hashlib.sha256(application).digest() + flags + counter + hashlib.sha256(signed).digest()
    curve = ec.generate_private_key(ec.SECP256R1())
    point = curve.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    numbers = [each.to_bytes(33) for each in decode_dss_signature(curve.sign(data, ec.ECDSA(SHA256())))]
    ed, es = b"sk-ssh-ed25519@openssh.com", b"sk-ecdsa-sha2-nistp256@openssh.com"
    for kind, key, made_of in (
        (ed, pack(ed, WORKER.public_key().public_bytes_raw(), application), WORKER.sign(data)),
        (es, pack(es, b"nistp256", point, application), pack(*numbers)),
    ):
        blob = b"SSHSIG" + struct.pack(">I", 1)
        blob += pack(key, b"git", b"", b"sha512", pack(kind, made_of) + flags + counter)
        armoured = f"begin\n{base64.b64encode(blob).decode()}\nend\n"
        signers = read_allowed(f"ada {kind.decode()} {base64.b64encode(key).decode()}")
        assert (signer_of(MESSAGE, armoured, COMMITS, signers, NOW) == "ada") == counts, kind
