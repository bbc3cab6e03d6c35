"""Foreign text as people see it: short, on one line, and without what looks like a secret."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.secrets.masking import masked, readable

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"
SECRETS = [
    "password=hunter2",
    "DB_PASSWORD: hunter2",
    '{"level": "error", "password": "hunter2"}',
    "{'db_password': 'hunter2'}",
    "postgres://app:hunter2@db:5432/app",
    "password='hunter2 token=abcdef123456 hunter2' and",
    "redis://:hunter2@cache",
    "Authorization: Bearer hunter2hunter2hunter2",
    "authorization: basic hunter2hunter2==",
    "token ghp_hunter2AAAAAAAAAAAAAAAAAAAAAAAA",
    "https://x/?api_key=hunter2xyzzy&a=b",
    f"session {JWT}hunter2",
    "key is aZ9hunter2Qx7Lm3Rt8Kp1",
    "-----BEGIN RSA PRIVATE KEY----- hunter2",
]
HARMLESS = [
    "INFO ready, version 1.4.2",
    "ERROR database unreachable: no setting /application/environment/configs/database/url",
    "2026-11-24T12:00:00.000Z GET /healthz 200 in 3 ms",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b is deployed",
    "request 0f8fad5b-d9cb-469f-a165-70867728950e failed: timeout after 30s",
    "https://example.com/healthz answered 503",
    "com.example.shop.CheckoutTest.paysWithCard2",
]


@pytest.mark.parametrize("text", SECRETS)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    for line in (text, f"ERROR cannot connect: {text}", f"{text}; giving up"):
        assert "hunter2" not in readable(line)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_people_need_to_read_stays(text: str) -> None:
    assert readable(text) == text


def test_a_secret_is_hidden_before_the_line_is_cut() -> None:
    line = readable("x " * 90 + "password=hunter2hunter2hunter2")
    assert "hunter2" not in line


@given(st.text(max_size=3000), st.integers(1, 300))
def test_it_is_one_line_and_never_longer(text: str, limit: int) -> None:
    line = readable(text, limit)
    assert len(line) <= max(limit, len("••••••"))
    assert "\n" not in line
    assert "\r" not in line


def test_long_words_do_not_stay_in_memory() -> None:
    """A reason or a review is a text of any person."""
    tracemalloc.start()
    try:
        for number in range(40):
            masked(f"because {number:05}-{'ab/' * 4000}")
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 200_000
