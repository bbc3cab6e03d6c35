from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import strategies as st

from liftgate.domain.common.canonical import canonical, digest, same
from liftgate.domain.common.value import Json
from tests.domain.properties import documents, holds, shuffled


@holds(documents(), st.integers(0, 9))
def test_the_order_of_keys_changes_no_digest(value: Json, seed: int) -> None:
    assert digest(shuffled(value, seed)) == digest(value)


@holds(documents())
def test_the_canonical_form_is_the_value(value: Json) -> None:
    assert same(json.loads(canonical(value)), value)


@pytest.mark.parametrize(
    ("one", "other"), list(itertools.combinations([0, 0.0, -0.0, False, None, "", "0", [], {}, [0]], 2))
)
def test_values_that_python_confuses_are_told_apart(one: Json, other: Json) -> None:
    assert not same(one, other)
    assert digest({"a": one}) != digest({"a": other})


def test_a_number_is_its_value_not_its_spelling() -> None:
    assert digest(json.loads("[1.50, 1e2]")) == digest(json.loads("[1.5, 100.0]"))


def test_the_form_is_fixed_for_ever() -> None:
    assert canonical({"b": [1, 1.0, True, None], "a": "é\n"}) == '{"a":"é\\n","b":[1,1.0,true,null]}'.encode()
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
