"""What a token says of itself: whose it is, and that it is over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from liftgate_sandbox.argocd.tokens import issue

from liftgate.domain.argocd.argocd_token import fault
from tests.examples import NOW


def token(subject: str, *, expires_in: int = 0) -> str:
    return issue("key", subject, NOW.timestamp() - 3600, expires_in)[0]


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        (token("proj:shop:promoter"), ""),
        (token("liftgate:apiKey"), ""),
        (token("proj:shop:promoter", expires_in=7200), ""),
        (token("proj:other:promoter"), "the project other (role promoter), not to shop: set LIFTGATE_ARGOCD__PROJECT="),
        (token("proj:shop:promoter", expires_in=60), "LIFTGATE_ARGOCD__TOKEN expired on"),
        ("hunter2", "three parts"),
        ("a.b.c", "three parts"),
    ],
)  # fmt: skip
def test_the_setting_that_is_wrong_is_named(given_: str, words: str) -> None:
    told = fault(given_, "shop", NOW)
    assert words in told
    assert bool(told) is bool(words)


@given(some.text())
def test_whatever_stands_there_is_never_shown(text: str) -> None:
    told = fault(f"{text}.{text}.{text}", "shop", NOW)
    assert len(text) < 20 or text not in told
