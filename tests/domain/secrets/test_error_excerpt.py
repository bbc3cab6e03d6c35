"""What is shown of a program's error: its useful end, short, and without what looks like a secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.secrets.error_excerpt import error_excerpt
from tests.domain.secrets.test_masking import SECRETS


def test_the_useful_words_of_a_renderer_are_its_last_without_secrets() -> None:
    said = (
        "Manifest generation error (cached): failed running helm: `helm template . --values x` failed exit status 1: "
        "Error: failed to parse <path to cached source>/configs/dev/values.json: password=hunter2-9000 is no number"
    )
    assert error_excerpt(said) == "failed to parse configs/dev/values.json: •••••• is no number"


def test_of_a_long_one_both_ends_stay() -> None:
    said = error_excerpt("accumulating resources: " + "in base " * 100 + "lstat missing.yaml: no such file", 100)
    assert said.startswith("accumulating resources: in base")
    assert said.endswith("in base lstat missing.yaml: no such file")
    assert len(said) == 100


@given(st.text(max_size=3000), st.integers(20, 500))
def test_it_is_one_line_and_never_longer(said: str, limit: int) -> None:
    line = error_excerpt(said, limit)
    assert len(line) <= limit
    assert "\n" not in line


@pytest.mark.parametrize("secret", SECRETS)
@given(st.integers(0, 21_000), st.sampled_from(["", "`helm template x` failed exit status 1: Error: "]))
def test_wherever_it_is_cut_no_part_of_a_secret_stays(secret: str, before: int, command: str) -> None:
    assert "hunter" not in error_excerpt(f"{'x ' * (before // 2)}{command}{secret} {'y ' * 300}")
