from __future__ import annotations

import pytest

from liftgate.domain.common.verdict import Finding
from liftgate.domain.secrets.secret import (
    HIDDEN,
    Reference,
    contains_secret,
    is_ciphertext,
    is_reference,
    mask,
    parse_reference,
)

REFERENCE = Reference(mount="kv", path="shop/prod/db", key="password", version=3)


@pytest.mark.parametrize(
    "text",
    [
        "ENC[AES256_GCM,data:a]",
        " ENC[",
        "vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==",
        "-----BEGIN AGE ENCRYPTED FILE-----\nx",
    ],
)
def test_ciphertext_is_known_by_its_form(text: str) -> None:
    assert is_ciphertext(text)
    assert contains_secret({"a": [text]})


@pytest.mark.parametrize(
    "text",
    [
        "vault:kv/data/shop/prod/db#password#3",
        "<path:kv/data/shop/prod/db#password#3>",
        "<path:kv/data/shop/prod/db#password#3 | base64encode>",
        "postgres://app:<path:kv/data/shop/prod/db#password#3>@db/app",
        "ref+vault://kv/shop/prod/db?version=3#/password",
        "secretref+vault://kv/shop/prod/db?version=3#password+",
        "jdbc:${vault:kv/data/shop/prod/db#password#3}",
    ],
)
def test_every_spelling_means_the_same_reference(text: str) -> None:
    assert is_reference(text)
    assert parse_reference(text) == REFERENCE


def test_the_canonical_spelling_reads_back() -> None:
    assert str(REFERENCE) == "vault:kv/data/shop/prod/db#password#3"
    assert parse_reference(str(REFERENCE)) == REFERENCE


@pytest.mark.parametrize(
    "text",
    [
        "vault:kv/shop#password",
        "vault:kv/data/shop",
        "vault:kv/data/a#b#0",
        "vault: x",
        "<path:kv/data/a>",
        "ref+vault://kv",
        "ref+awsssm://x",
        "vault:kv/data/a#b and more",
    ],
)
def test_what_means_to_be_a_reference_but_is_none_is_a_finding(text: str) -> None:
    assert is_reference(text)
    found = parse_reference(text)
    assert isinstance(found, Finding)
    assert text not in str(found)


@pytest.mark.parametrize(
    "text",
    ["vault:8200", "vault", "https://vault:8200/x", "the path: x", "prefix+ref", "", "ENCODED", "VERSION"],
)
def test_ordinary_texts_are_no_secrets(text: str) -> None:
    assert not contains_secret(text)


@pytest.mark.parametrize(
    ("value", "pointer", "owner", "shown"),
    [
        (1.5, "/a", "promote", "1.5"),
        ("x\ny", "/a", "promote", '"x\\ny"'),
        ("hunter2", "/a", "secret", HIDDEN),
        ({"a": "hunter2"}, "/a", "secret", HIDDEN),
        ("ENC[AES256_GCM,data:hunter2]", "/a", "secret", "ENC[…]"),
        ("vault:kv/data/hunter2#a", "/a", "secret", "reference …"),
        ("hunter2", "/dbPassword", "promote", f'"{HIDDEN}"'),
        (["hunter2"], "/passwords", "own", f'["{HIDDEN}"]'),
        (
            {"b": [{"password": "hunter2"}], "a": "ENC[x]"},
            "/a",
            "promote",
            '{"a": "ENC[…]", "b": [{"password": "' + HIDDEN + '"}]}',
        ),
        ("postgres://u:hunter2@h/d", "/url", "promote", f'"{HIDDEN}"'),
    ],
)
def test_people_see_everything_but_secrets(value: object, pointer: str, owner: str, shown: str) -> None:
    assert mask(value, pointer, owner) == shown
