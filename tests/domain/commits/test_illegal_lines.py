"""Each mistake in a line of `.liftgate/allowed_signers`, and in the line of a key, has its own sentence."""

from __future__ import annotations

import pytest

from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.commits.public_key import from_text, is_text
from liftgate.domain.commits.signature import public_bytes
from liftgate.errors import Misconfigured
from tests.domain.commits.test_allowed_signers import WORKER_LINE
from tests.examples import WORKER

_OPTIONS = (
    "options are namespaces, valid-after and valid-before with a value in double quotes, and cert-authority; between "
    "them stands a comma, without a space"
)
SAID = {
    "ada@example.com": "a public key must follow, such as: ssh-ed25519 AAAA…",
    '"ada@example.com {}': "it does not begin with who may sign, in complete quotes",
    '"" {}': "it does not name who may sign, or has an empty name",
    "ada@example.com,, {}": "it does not name who may sign, or has an empty name",
    "ada@example.com,! {}": "it does not name who may sign, or has an empty name",
    "ada@example.com namespaces=git {}": _OPTIONS,
    "ada@example.com no-pty {}": _OPTIONS,
    'ada@example.com cert-authority="x" {}': _OPTIONS,
    "ada@example.com namespaces {}": _OPTIONS,
    'ada@example.com namespaces="git",NAMESPACES="git" {}': "namespaces stands there twice",
    'ada@example.com valid-after="20270101Z",valid-before="20270101Z" {}': "valid-before is not later than valid-after",
    'ada@example.com valid-before="tomorrow" {}': (
        "valid-before is no time: write YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, and Z for UTC"
    ),
    'ada@example.com valid-after="20261301Z" {}': (
        "valid-after is no time: write YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, and Z for UTC"
    ),
    'ada@example.com namespaces="git"': "a public key must follow, such as: ssh-ed25519 AAAA…",
    "ada@example.com ssh-ed25519": "this is not a public key of the kind ssh-ed25519",
    "ada@example.com ssh-rsa AAAA": "this is not a public key of the kind ssh-rsa",
}


@pytest.mark.parametrize("line", SAID)
def test_an_illegal_line_is_explained(line: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read_allowed(line.format(WORKER_LINE))
    assert str(caught.value) == f".liftgate/allowed_signers:1: {SAID[line]}"


@pytest.mark.parametrize("text", ["ssh-ed25519", "ssh-rsa\tAAAA a comment", "ssh-ed25519 x"])
def test_a_line_of_a_key_is_told_by_its_kind(text: str) -> None:
    assert is_text(text)
    assert not is_text(f"x{text}")
    assert not is_text("")


def test_the_key_of_a_line_may_be_followed_by_words() -> None:
    assert from_text(f"{WORKER_LINE}\tada's laptop in May") == public_bytes(WORKER)
