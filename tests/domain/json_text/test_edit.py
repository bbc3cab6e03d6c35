from __future__ import annotations

import copy
from typing import Any

import jsonpatch
import pytest

from liftgate.domain.common.value import Json
from liftgate.domain.json_text.edit import Edit, apply_to_value, to_rfc6902
from liftgate.domain.planning.changes import changes
from liftgate.errors import Refused
from tests.domain.properties import documents, holds


def test_the_patch_tests_what_it_replaces_and_removes() -> None:
    edits = [
        Edit(op="replace", pointer="/a", value=2, before=1),
        Edit(op="remove", pointer="/b", before=None),
        Edit(op="add", pointer="/c", value=[]),
    ]
    assert to_rfc6902(edits) == [
        {"op": "test", "path": "/a", "value": 1},
        {"op": "replace", "path": "/a", "value": 2},
        {"op": "test", "path": "/b", "value": None},
        {"op": "remove", "path": "/b"},
        {"op": "add", "path": "/c", "value": []},
    ]


@pytest.mark.parametrize(
    "edit",
    [
        Edit(op="replace", pointer="/a", value=2, before=True),
        Edit(op="replace", pointer="/missing", value=2, before=None),
        Edit(op="remove", pointer="/a", before=9),
        Edit(op="add", pointer="/a", value=2),
        Edit(op="add", pointer="/x/y", value=2),
        Edit(op="add", pointer="/a/y", value=2),
        Edit(op="add", pointer="/l/5", value=2),
        Edit(op="add", pointer="/l/01", value=2),
    ],
)
def test_values_that_moved_on_are_refused(edit: Edit) -> None:
    with pytest.raises(Refused):
        apply_to_value({"a": 1, "l": [1]}, [edit])


def test_the_given_value_is_left_alone() -> None:
    value: dict[str, Any] = {"a": {"b": [1]}}
    result = apply_to_value(value, [Edit(op="add", pointer="/a/b/0", value=0)])
    assert (value, result) == ({"a": {"b": [1]}}, {"a": {"b": [0, 1]}})


@holds(documents(), documents())
def test_an_independent_reader_applies_the_patch_alike(one: Json, other: Json) -> None:
    edits = changes(one, other)
    patched = jsonpatch.JsonPatch(to_rfc6902(edits)).apply(copy.deepcopy(one))
    assert patched == apply_to_value(one, edits) == other
