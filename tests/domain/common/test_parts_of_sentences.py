"""Small parts of sentences."""

from __future__ import annotations

import pytest

from liftgate.domain.common.words import first_of


@pytest.mark.parametrize(("number", "said"), [(0, ""), (2, "0, 1"), (3, "0, 1, 2"), (5, "0, 1, 2, and 2 more")])
def test_of_many_parts_the_first_are_named_and_the_rest_is_counted(number: int, said: str) -> None:
    assert ", ".join(first_of(map(str, range(number)), 3)) == said
