from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.common.semantic_version import is_lower

ASCENDING = (
    "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
    "1.0.0-rc.1", "1.0.0", "1.0.10", "1.9.0", "1.10.0", "2.0.0",
)  # fmt: skip
"""The order of semver.org's own example, and numbers that text would sort otherwise."""


def test_the_order_is_that_of_the_standard() -> None:
    for at, one in enumerate(ASCENDING):
        assert [is_lower(one, other) for other in ASCENDING] == [at < there for there in range(len(ASCENDING))]


@pytest.mark.parametrize("odd", ["", "latest", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "2026-11-29", "1.2.3\n"])
def test_what_is_no_semantic_version_is_neither_lower_nor_higher(odd: str) -> None:
    assert not is_lower(odd, "9.9.9")
    assert not is_lower("0.0.1", odd)


def test_the_build_and_a_leading_v_do_not_count() -> None:
    assert not is_lower("1.0.0+1", "1.0.0+2")
    assert not is_lower("v1.0.0", "1.0.0")
    assert is_lower("v1.0.0", "1.0.1")


@given(st.text(), st.text())
def test_it_takes_any_text(one: str, other: str) -> None:
    assert not (is_lower(one, other) and is_lower(other, one))
