from __future__ import annotations

import pytest

from liftgate.domain.secrets.secret_heuristics import entropy, is_harmless, secret_heuristics

RANDOM = "q8Zr2Lk0Vt5Xw9Bn3Md7Pj4Hs6Gf1Yc"
RAW_KEY = "q8Zr2Lk0Vt5Xw9Bn3Md7Pj4Hs6Gf1YcAz0Ty5Ur+/8e="


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("dbPassword", "opensesame", "password"),
        ("DB_PASSWORD", "a b c", "password"),
        ("smtp-passwd", 12345, "password"),
        ("apiKey", "3f9a7c1e5b2d", "looks random"),
        ("client_secret", "q8Zr2Lk0", "looks random"),
        ("x", "mysql://root:toor@db/x", "URL with a password"),
        ("x", "root:toor1@tcp(db:3306)/x", "URL with a password"),
        ("x", "host=db password=hunter2 user=x", "credential in it"),
        ("x", "-----BEGIN " + "PRIVATE KEY-----", "private key"),
        ("x", RAW_KEY, "32 or 64 random bytes"),
        ("x", "acme_live_" + RANDOM, "a prefix and random characters"),
    ],
)
def test_what_looks_like_a_secret_says_why_and_not_what(key: str, value: str | int, why: str) -> None:
    found = secret_heuristics(key, value)
    assert found is not None
    assert why in found
    assert str(value) not in found.split()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("password", "${DB_PASSWORD}"),
        ("password", ""),
        ("password", None),
        ("password", True),
        ("requirePassword", False),
        ("passwordMinLength", 12),
        ("secretName", "3f9a7c1e5b2d"),
        ("token", "oauth2"),
        ("key", "3f9a7c1e5b2d"),
        ("apiKey", "{{ .Values.key }}"),
        ("secret", "db-credentials"),
        ("x", "https://user@host/x"),
        ("x", "postgres://u:${PASSWORD}@h/d"),
        ("", "3f9a7c1e5b2d"),
        ("publicKey", RAW_KEY),
        ("pin-sha256", RAW_KEY),
        ("x", "pk_live_" + RANDOM),
        ("x", "release-" + "3f786850e387550fdab836ed7e6dc881de23001b"),
        ("x", "shop-checkout-" + "frontend" * 5),
        ("digest", "sha256=hf_" + RANDOM),
        ("credentials", "Credentials"),
    ],
)
def test_ordinary_values_are_no_secrets(key: str, value: object) -> None:
    assert secret_heuristics(key, value) is None


@pytest.mark.parametrize("text", ["sha256:" + "ab" * 32, "1.4.2-rc.1", "db.internal:5432", "https://x.example/y"])
def test_digests_versions_and_hosts_are_harmless(text: str) -> None:
    assert is_harmless(text)


def test_entropy_is_in_bits_a_character() -> None:
    assert entropy("abcd") == 2
    assert entropy("aaaa") == 0
    assert entropy("") == 0
