from __future__ import annotations

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.edit import Edit, apply_to_value
from liftgate.domain.planning.changes import changes
from liftgate.domain.planning.identity import keyed, plain
from liftgate.domain.planning.rules import Rules
from tests.domain.properties import documents, holds, rule_sets


@holds(documents(), documents())
def test_the_edits_make_the_one_the_other(one: Json, other: Json) -> None:
    assert same(apply_to_value(one, changes(one, other)), other)


@holds(documents(), documents(), rule_sets())
def test_array_elements_with_identity_arrive_too(one: Json, other: Json, rules: Rules) -> None:
    wanted = keyed(other, rules)
    after = apply_to_value(one, changes(keyed(one, rules), wanted))
    assert changes(keyed(after, rules), wanted) == ()


def test_equal_values_need_no_edit() -> None:
    assert changes({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}) == ()


def test_the_least_is_changed() -> None:
    assert changes({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}) == (
        Edit(op="replace", pointer="/a/c", value=3, before=2),
    )


def test_keyed_arrays_come_back_as_arrays() -> None:
    rules = Rules.model_validate({"rules": [{"pointer": "/**", "owner": "promote", "identity": "name"}]})
    value = {"a": [{"name": 1, "b": [{"name": "x"}]}, {"name": 2}]}
    assert plain(keyed(value, rules)) == value
