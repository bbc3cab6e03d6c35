from __future__ import annotations

import difflib
import json
from collections.abc import Callable

import pytest

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.edit import Edit, apply_to_value
from liftgate.domain.json_text.strict import sound
from liftgate.domain.json_text.text_edit import apply_edits
from liftgate.domain.planning.merge import merge
from liftgate.domain.planning.rules import Rules
from liftgate.errors import Refused
from tests.domain.properties import Sides, holds, layouts, rule_sets, sides

LAYOUTS = {
    "two spaces": '{\n  "a": {\n    "v": "1.0",\n    "z": 1.50\n  },\n  "l": [1, 2, 3]\n}\n',
    "four spaces": '{\n    "a": {\n        "v": "1.0",\n        "z": 1.50\n    },\n    "l": [1, 2, 3]\n}\n',
    "tabs": '{\n\t"a": {\n\t\t"v": "1.0",\n\t\t"z": 1.50\n\t},\n\t"l": [\n\t\t1,\n\t\t2,\n\t\t3\n\t]\n}\n',
    "crlf": '{\r\n  "a": {\r\n    "v": "1.0",\r\n    "z": 1.50\r\n  },\r\n  "l": [1,2,3]\r\n}\r\n',
    "no final newline": '{\n  "a": {"v": "1.0", "z": 1.50},\n  "l": [1, 2, 3]\n}',
    "escapes": '{\n  "a": {"v": "1.0", "z": 1.50, "u": "\\u00e9\\/"},\n  "l": [1, 2, 3]\n}\n',
    "compact": '{"a":{"v":"1.0","z":1.50},"l":[1,2,3]}',
    "comma first": '{ "a":\n  { "v": "1.0"\n  , "z": 1.50\n  }\n, "l": [1, 2, 3]\n}\n',
    "own way": '\n{"a" :{ "v":\t"1.0" ,"z" : 1.50 },\n\n\n"l":[ 1 ,2,\n3]   }  \n',
}


def edited(text: str, *edits: Edit) -> str:
    return apply_edits(sound(text.encode()), edits)


def lines_changed(before: str, after: str) -> tuple[int, int]:
    changed = [
        line
        for line in difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
        if line[0] in "+-"
    ]
    return sum(line[0] == "-" for line in changed), sum(line[0] == "+" for line in changed)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_changing_one_value_changes_nothing_but_its_own_characters(layout: str) -> None:
    text = LAYOUTS[layout]
    after = edited(text, Edit(op="replace", pointer="/a/v", value="2.0", before="1.0"))
    assert after == text.replace('"1.0"', '"2.0"')


@pytest.mark.parametrize("layout", LAYOUTS)
def test_changing_one_element_of_an_array_changes_one_line(layout: str) -> None:
    text = LAYOUTS[layout]
    after = edited(text, Edit(op="replace", pointer="/l", value=[1, 7, 3], before=[1, 2, 3]))
    assert json.loads(after)["l"] == [1, 7, 3]
    assert lines_changed(text, after) == (1, 1)
    assert after.replace("7", "2") == text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_added_key_stands_last_and_touches_one_neighbour(layout: str) -> None:
    text = LAYOUTS[layout]
    after = edited(text, Edit(op="add", pointer="/a/n", value=True))
    assert list(json.loads(after)["a"])[-1] == "n"
    removed, added = lines_changed(text, after)
    assert removed <= 1
    assert added <= 2


@pytest.mark.parametrize("layout", LAYOUTS)
def test_adding_and_removing_again_gives_the_text_back(layout: str) -> None:
    text = LAYOUTS[layout]
    added = edited(text, Edit(op="add", pointer="/a/n", value=1), Edit(op="add", pointer="/l/-", value=4))
    removed = edited(added, Edit(op="remove", pointer="/a/n", before=1), Edit(op="remove", pointer="/l/3", before=4))
    assert removed == text


def test_what_is_added_is_laid_out_as_the_rest() -> None:
    text = LAYOUTS["tabs"]
    after = edited(text, Edit(op="add", pointer="/b", value={"c": [1, {}], "d": {}}))
    assert after == text.replace(
        "\t]\n}", '\t],\n\t"b": {\n\t\t"c": [\n\t\t\t1,\n\t\t\t{}\n\t\t],\n\t\t"d": {}\n\t}\n}'
    )


def test_a_compact_text_stays_compact() -> None:
    text = LAYOUTS["compact"]
    after = edited(text, Edit(op="add", pointer="/b", value={"c": [1, 2]}))
    assert after == text[:-1] + ',"b":{"c":[1,2]}}'


def test_an_empty_object_is_opened_where_it_stands() -> None:
    text = '{\n  "a": {},\n  "b": [ {} ]\n}\n'
    after = edited(text, Edit(op="add", pointer="/a/x", value=1), Edit(op="add", pointer="/b/0/y", value=2))
    assert after == '{\n  "a": {\n    "x": 1\n  },\n  "b": [ {"y": 2} ]\n}\n'


def test_a_removed_line_is_gone_and_its_neighbours_stay() -> None:
    text = '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n'
    assert edited(text, Edit(op="remove", pointer="/a", before=1)) == '{\n  "b": 2,\n  "c": 3\n}\n'
    assert edited(text, Edit(op="remove", pointer="/b", before=2)) == '{\n  "a": 1,\n  "c": 3\n}\n'
    assert edited(text, Edit(op="remove", pointer="/c", before=3)) == '{\n  "a": 1,\n  "b": 2\n}\n'


def test_the_last_removed_key_leaves_an_empty_object() -> None:
    assert edited('{\n  "a": 1\n}\n', Edit(op="remove", pointer="/a", before=1)) == "{}\n"


def test_umlauts_are_written_as_the_file_writes_them() -> None:
    edit = Edit(op="replace", pointer="/a", value="ü", before="x")
    assert edited('{"a": "x", "b": "é"}', edit) == '{"a": "ü", "b": "é"}'
    assert edited('{"a": "x", "b": "\\u00e9"}', edit) == '{"a": "\\u00fc", "b": "\\u00e9"}'


def test_later_edits_see_what_earlier_ones_did() -> None:
    after = edited(
        '{"l": [1, 2, 3]}',
        Edit(op="add", pointer="/o", value={"p": {}}),
        Edit(op="add", pointer="/o/p/q", value=1),
        Edit(op="remove", pointer="/l/0", before=1),
        Edit(op="replace", pointer="/l/0", value=9, before=2),
    )
    assert json.loads(after) == {"l": [9, 3], "o": {"p": {"q": 1}}}


def test_a_broken_text_is_not_edited() -> None:
    with pytest.raises(Refused, match="missing"):
        sound(b'{"a": }')


@pytest.mark.parametrize("pointer", ["/x", "/a/b", "/l/7", "/l/x"])
def test_an_edit_without_a_place_is_refused(pointer: str) -> None:
    with pytest.raises(Refused):
        edited('{"a": 1, "l": [1]}', Edit(op="replace", pointer=pointer, value=1, before=2))


@holds(sides(), rule_sets(), layouts())
def test_edits_of_text_are_edits_of_values(three: Sides, rules: Rules, lay_out: Callable[[Json], str]) -> None:
    base, release, target = three
    edits = merge(base=base, release=release, target=target, rules=rules).edits
    after = apply_edits(sound(lay_out(target).encode()), edits)
    assert same(sound(after.encode()).value, apply_to_value(target, edits))


@holds(sides(), layouts())
def test_any_value_can_become_any_other(three: Sides, lay_out: Callable[[Json], str]) -> None:
    _, one, other = three
    text = lay_out(one)
    after = edited(text, Edit(op="replace", pointer="", value=other, before=one))
    assert same(sound(after.encode()).value, other)
    assert ("\r\n" in after) <= ("\r\n" in text)
