"""What a commit's signature proves: who signed it, by a key that was allowed then, as its committer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as Key
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import Signer, read_allowed
from liftgate.domain.commits.commit_object import CommitObject, read_commit_object
from liftgate.domain.commits.commit_signature import CommitSignature, State, by_committer, check_signature
from liftgate.domain.commits.credits import Credit
from liftgate.domain.commits.public_key import fingerprint
from liftgate.domain.commits.unsigned_commit import signed_commit, unsigned_commit
from tests.examples import WORKER

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import PrivateKey

WHEN = datetime(2026, 5, 4, 12, tzinfo=UTC)
ADA, GRACE = Key.from_private_bytes(b"a" * 32), Key.from_private_bytes(b"r" * 32)
PUBLIC = signature.public_bytes(ADA)
UNSIGNED = unsigned_commit("a" * 40, ["b" * 40], "Change\n", when=WHEN, name="Ada", email="ada@example.com")


def line(principals: str = "ada@example.com", options: str = 'namespaces="git"', key: PrivateKey = ADA) -> str:
    return f"{principals} {options} {signature.allowed_line('x', ('y',), signature.public_bytes(key)).split(' ', 2)[2]}"


SIGNERS = read_allowed(line())


def signed(key: PrivateKey = ADA, namespace: str = signature.COMMITS) -> CommitObject:
    return read_commit_object(signed_commit(UNSIGNED, signature.sign(UNSIGNED, key, namespace)))


def armoured(text: str) -> CommitObject:
    return read_commit_object(signed_commit(UNSIGNED, text))


def test_a_valid_signature_names_its_signer() -> None:
    found = check_signature(signed(), SIGNERS)
    assert (found.state, found.signer, found.reason) == ("signed", "ada@example.com", "signed by ada@example.com")
    assert found.is_valid


def begun(first: str, rest: str = "\n\nwcBM\n=abcd\n-----END-----\n") -> CommitObject:
    return armoured(f"-----BEGIN {first}-----{rest}")


CASES: dict[str, tuple[CommitObject, tuple[Signer, ...], State, str]] = {
    "no signature": (read_commit_object(UNSIGNED), SIGNERS, "not signed", "not signed"),
    "another key": (
        signed(GRACE), SIGNERS, "unknown key",
        f"signed with the key {fingerprint(signature.public_bytes(GRACE))}, which .liftgate/allowed_signers does not",
    ),
    "no keys at all": (signed(), (), "unknown key", "does not have there"),
    "other content": (
        signed().copy_with(signed=UNSIGNED + b"more"), SIGNERS, "bad signature",
        "its signature does not fit its content",
    ),
    "another purpose": (
        signed(namespace="file"), SIGNERS, "bad signature", "its signature was made for file, not for commits",
    ),
    "garbage": (begun("SSH SIGNATURE", "\nAAAA\nx\n"), SIGNERS, "bad signature", "its signature cannot be read"),
    "an unknown form": (begun("PAPER SIGNATURE"), SIGNERS, "bad signature", "its signature cannot be read"),
    "OpenPGP": (begun("PGP SIGNATURE"), SIGNERS, "not checked", "signed with OpenPGP, which is not checked"),
    "older OpenPGP": (begun("PGP MESSAGE"), SIGNERS, "not checked", "signed with OpenPGP, which is not checked"),
    "X.509": (begun("SIGNED MESSAGE"), SIGNERS, "not checked", "signed with X.509, which is not checked"),
    "for the ledger only": (
        signed(), read_allowed(line(options='namespaces="liftgate-ledger"')), "key not valid",
        "signed with a key of ada@example.com that is not allowed for commits",
    ),
    "ended": (
        signed(), read_allowed(line(options='valid-before="20260504115959Z"')), "key not valid",
        "signed with a key of ada@example.com that was not valid on 2026-05-04 12:00 UTC",
    ),
    "not begun": (signed(), read_allowed(line(options='valid-after="20260504120001Z"')), "key not valid", "2026-05-04"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_other_one_says_why_it_proves_nothing(case: str) -> None:
    commit, signers, state, reason = CASES[case]
    found = check_signature(commit, signers)
    assert (found.state, found.is_valid) == (state, False)
    assert reason in found.reason
    assert found.signer == ("ada@example.com" if state == "key not valid" else "")


def test_one_of_several_lines_is_enough() -> None:
    both = "\n".join((line(options='valid-before="20250101"'), line("ada@home.example")))
    assert check_signature(signed(), read_allowed(both)).signer == "ada@home.example"


def test_a_revoked_key_never_counts_and_is_named_by_the_line_it_had() -> None:
    known = check_signature(signed(), SIGNERS, frozenset({PUBLIC}))
    assert (known.state, known.signer) == ("revoked key", "ada@example.com")
    assert known.reason == "signed with a key of ada@example.com, which .liftgate/revoked_keys lists"
    unknown = check_signature(signed(), (), frozenset({PUBLIC}))
    assert (unknown.state, unknown.signer) == ("revoked key", "")
    assert fingerprint(PUBLIC) in unknown.reason
    assert check_signature(signed(GRACE), SIGNERS, frozenset({PUBLIC})).state == "unknown key"


@pytest.mark.parametrize(
    ("principals", "email"),
    [
        ("ada@example.com", "ADA@example.com"),
        ("ada@example.com,ada@home.example", "ada@home.example"),
        ("*@example.com", "grace@example.com"),
    ],
)
def test_the_committer_may_have_any_address_of_the_line(principals: str, email: str) -> None:
    found = check_signature(signed(), read_allowed(line(principals)))
    assert by_committer(found, Credit(name="A", email=email)) == found


def test_another_committer_than_the_signer_is_another_person() -> None:
    """git itself says that the signature is good."""
    found = by_committer(check_signature(signed(), SIGNERS), Credit(name="Grace", email="grace@example.com"))
    assert (found.state, found.is_valid) == ("signed by another person", False)
    assert found.reason == "signed by ada@example.com, but its committer is Grace <grace@example.com>"
    excluded = check_signature(signed(), read_allowed(line("*@example.com,!grace@example.com")))
    assert not by_committer(excluded, Credit(name="Grace", email="grace@example.com")).is_valid


def test_the_people_of_liftgate_json_may_have_other_addresses() -> None:
    asked: list[tuple[str, str]] = []

    def is_same(principal: str, email: str) -> bool:
        asked.append((principal, email))
        return principal == "ada@home.example"

    found = check_signature(signed(), read_allowed(line("ada@example.com,ada@home.example")))
    assert by_committer(found, Credit(name="A", email="1+ada@users.example"), is_same) == found
    assert asked == [(each, "1+ada@users.example") for each in ("ada@example.com", "ada@home.example")]


def test_a_workers_key_needs_no_committer() -> None:
    """Its commits are proven by all that the key is allowed for."""
    worker = read_allowed(line("worker", f'namespaces="{",".join(signature.WORKER)}"', WORKER))
    found = check_signature(signed(WORKER), worker)
    assert found.is_workers
    assert by_committer(found, Credit(name="L", email="liftgate@localhost")).is_valid
    assert not check_signature(signed(), SIGNERS).is_workers


@pytest.mark.parametrize("state", ["not signed", "clean merge", "unknown key"])
def test_only_a_valid_signature_is_compared(state: State) -> None:
    found = CommitSignature(state=state, reason="x")
    assert by_committer(found, Credit(name="G", email="g@x")) == found


@given(st.text(max_size=200))
def test_no_text_of_a_signature_is_an_error_of_ours(text: str) -> None:
    commit = CommitObject(signed=UNSIGNED, armoured=text)
    assert not check_signature(commit, SIGNERS).is_valid
    assert not check_signature(CommitObject(signed=UNSIGNED, armoured=f"{signature.BEGIN}\n{text}"), SIGNERS).is_valid
