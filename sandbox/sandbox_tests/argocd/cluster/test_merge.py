"""Three-way apply: rules that hold for any objects, and the lists that are merged by name."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from liftgate_sandbox.argocd.cluster.merge import three_way

_NAMES = st.sampled_from("abcd")
_LEAVES = st.integers(0, 2)
_VALUES = _LEAVES | st.dictionaries(_NAMES, _LEAVES | st.dictionaries(_NAMES, _LEAVES, max_size=2), max_size=2)
_OBJECTS = st.dictionaries(_NAMES, _VALUES, max_size=4)


@given(before=_OBJECTS, target=_OBJECTS, live=_OBJECTS)
def test_applying_twice_changes_nothing_more(before: Any, target: Any, live: Any) -> None:
    once = three_way(before, target, live)
    assert three_way(target, target, once) == once


@given(before=_OBJECTS, target=_OBJECTS)
def test_without_foreign_changes_the_target_is_reached(before: Any, target: Any) -> None:
    assert three_way(before, target, before) == target


@given(target=_OBJECTS, live=_OBJECTS)
def test_what_others_added_stays(target: Any, live: Any) -> None:
    merged = three_way({}, target, live)
    assert live.keys() | target.keys() == merged.keys()


def test_containers_are_merged_by_name_and_keep_what_the_server_filled_in() -> None:
    live = [{"name": "app", "image": "a:1", "imagePullPolicy": "Always"}, {"name": "old", "image": "o"}]
    before = [{"name": "app", "image": "a:1"}, {"name": "old", "image": "o"}]
    target = [{"name": "app", "image": "a:2"}]
    assert three_way(before, target, live) == [{"name": "app", "image": "a:2", "imagePullPolicy": "Always"}]


def test_a_list_without_names_is_replaced() -> None:
    assert three_way(["a"], ["b"], ["a", "c"]) == ["b"]
