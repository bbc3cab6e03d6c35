"""The inferred schema accepts the files that it was inferred from."""

from __future__ import annotations

from hypothesis import strategies as st

from liftgate.domain.adoption.infer_schema import infer_schema
from liftgate.domain.common.canonical import canonical
from liftgate.domain.common.value import Json
from liftgate.steps.schema_errors import problems
from tests.domain.properties import holds

LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.sampled_from(["", "a", "1.0.0"])
VALUES = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abc"), below, max_size=3)
    ),
    max_size=3,
)


@holds(st.lists(VALUES, min_size=1, max_size=4))
def test_every_file_fits(values: list[Json]) -> None:
    schema = canonical(infer_schema(values, "Values"))
    assert [problem for value in values for problem in problems(schema, (), value)] == []


def test_a_missing_key_and_a_wrong_type_do_not_fit() -> None:
    schema = canonical(infer_schema([{"a": 1, "b": "x"}, {"a": 2}], "Values"))
    assert {problem.rule for problem in problems(schema, (), {"b": 3})} == {"required", "type"}
