"""Fields of one object: down into JSON and lines of text, and lists by their names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.manifest_pairs import config_map, fields, thing, web


def test_a_text_that_is_json_is_compared_value_by_value() -> None:
    found = fields([config_map({"a": {"b": 1}, "c": 2})], [config_map({"a": {"b": 3}, "c": 2, "d": "x"})])
    assert found == [
        ("replace", "/data/values.json/a/b", "1", "3"),
        ("add", "/data/values.json/d", "", '"x"'),
    ]


def test_json_that_is_only_written_differently_is_said_to_be_so() -> None:
    one, other = (thing("ConfigMap", "c", data={"v": text}) for text in ('{"a":1}', '{"a": 1}'))
    assert fields([one], [other]) == [("replace", "/data/v", "", "(the same values, written differently)")]


def test_other_text_is_compared_by_line() -> None:
    one, other = (thing("ConfigMap", "c", data={"v": text}) for text in ("a\nb\nc\n", "a\nx\nc\nd\n"))
    assert fields([one], [other]) == [("replace", "/data/v:2", "b", "x"), ("add", "/data/v:4", "", "d")]


def test_text_whose_change_cannot_be_seen_says_so() -> None:
    one, other = (thing("ConfigMap", "c", data={"v": text}) for text in ("a\n  b\n", "a\nb\n"))
    ((kind, pointer, _, said),) = fields([one], [other])
    assert (kind, pointer) == ("replace", "/data/v")
    assert "white space" in said


def test_very_long_text_is_only_counted() -> None:
    one, other = (thing("ConfigMap", "c", data={"v": "a\n" * count}) for count in (2500, 2600))
    assert fields([one], [other]) == [("replace", "/data/v", "(2500 lines)", "(2600 lines)")]


def test_a_list_of_named_things_is_compared_by_name() -> None:
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    more = [{"name": "NEW", "value": "0"}, {"name": "A", "value": "1"}, {"name": "B", "value": "3"}]
    where = "/spec/template/spec/containers/0/env"
    assert fields([web(env=env)], [web(env=more)]) == [
        ("replace", f"{where}/1/value", '"2"', '"3"'),
        ("add", f"{where}/-", "", '{"name": "NEW", "value": "0"}'),
    ]


@pytest.mark.parametrize(("before", "after"), [([1, 2], [2, 1]), ([{"name": "a"}], [{"name": "a"}, {"name": "a"}])])
def test_another_list_is_one_value(before: Any, after: Any) -> None:
    ((kind, pointer, *_),) = fields([thing("X", "x", spec=before)], [thing("X", "x", spec=after)])
    assert (kind, pointer) == ("replace", "/spec")


def test_values_are_cut_where_one_sees_that_they_differ() -> None:
    ((_, _, before, after),) = fields([web("w" * 500 + "1")], [web("w" * 500 + "2")])
    assert before != after
    assert max(len(before), len(after)) <= 120


def test_text_nested_without_end_is_only_text() -> None:
    one, other = (thing("ConfigMap", "c", data={"v": "[" * 5000 + text + "]" * 5000}) for text in ("1", "2"))
    assert len(fields([one], [other])) == 1
