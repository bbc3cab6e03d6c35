from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.edit import apply_to_value
from liftgate.domain.json_text.pointer import MISSING, find, leaves
from liftgate.domain.planning.identity import keyed
from liftgate.domain.planning.merge import Merge, merge
from liftgate.domain.planning.pins import Pin, holding
from liftgate.domain.planning.release import partition
from liftgate.domain.planning.row import Kind
from liftgate.domain.planning.rules import Rule, Rules
from tests.domain.properties import MARK, Sides, holds, pin_sets, rule_sets, shuffled, sides

SECRET = Rule(pointer="/**/secret", owner="secret")
RULES = Rules(rules=(Rule(pointer="/own", owner="own"), Rule(pointer="/secret", owner="secret")))


def merged(base: Json, release: Json, target: Json, **more: Any) -> Merge:
    return merge(base=base, release=release, target=target, **{"rules": RULES, **more})


def kinds(result: Merge) -> dict[str, Kind]:
    return {row.pointer: row.kind for row in result.rows}


@pytest.mark.parametrize(
    ("base", "release", "target", "kind", "after"),
    [
        ({"a": 1}, {"a": 2}, {"a": 1}, "replace", {"a": 2}),
        ({}, {"a": 2}, {}, "add", {"a": 2}),
        ({"a": 1}, {}, {"a": 1}, "remove", {}),
        ({"a": 1}, {"a": 1}, {"a": 9}, "kept", {"a": 9}),
        ({"a": 1}, {"a": 1}, {}, "kept", {}),
        ({}, {}, {"a": 9}, "kept", {"a": 9}),
        ({"a": 1}, {"a": 2}, {"a": 2}, None, {"a": 2}),
        ({"a": 1}, {"a": 2}, {"a": 3}, "conflict", {"a": 3}),
        ({"a": 1}, {"a": 2}, {}, "conflict", {}),
        ({"a": 1}, {}, {"a": 3}, "conflict", {"a": 3}),
        ({}, {"a": 2}, {"a": 3}, "conflict", {"a": 3}),
        ({"a": 1}, {"a": 1.0}, {"a": 1}, "replace", {"a": 1.0}),
        ({"a": 1}, {"a": True}, {"a": 1}, "replace", {"a": True}),
        ({"a": 1}, {"a": None}, {"a": 1}, "replace", {"a": None}),
        ({"a": [1, 2]}, {"a": [1, 3]}, {"a": [1, 2]}, "replace", {"a": [1, 3]}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": 1}, "replace", {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": 1}, {"a": {"b": 1}}, "replace", {"a": 1}),
    ],
)
def test_what_changed_on_which_side_decides(base: Json, release: Json, target: Json, kind: str, after: Json) -> None:
    result = merged(base, release, target)
    assert set(kinds(result).values()) == ({kind} if kind else set())
    assert same(apply_to_value(target, result.edits), after)


def test_the_first_time_every_value_of_the_release_replaces_one_that_a_rule_promotes() -> None:
    rules = Rules(rules=(Rule(pointer="/**", owner="promote"),))
    result = merged(None, {"a": 1, "b": {"c": 2}}, {"a": 9, "d": 4}, rules=rules)
    assert apply_to_value({"a": 9, "d": 4}, result.edits) == {"a": 1, "b": {"c": 2}, "d": 4}
    assert kinds(result) == {"/a": "replace", "/b/c": "add", "/d": "kept"}


def test_the_first_time_a_value_without_a_rule_replaces_none_of_the_targets() -> None:
    target = {"url": "https://prod", "only": 4, "list": [1], "same": 1, "application": {"version": "1.0.0"}}
    release = {"url": "https://dev", "new": 2, "list": [2], "same": 1, "application": {"version": "1.4.0"}}
    result = merged(None, release, target)
    assert kinds(result) == {
        "/url": "conflict",
        "/list": "conflict",
        "/new": "add",
        "/only": "kept",
        "/application/version": "replace",
    }
    after = apply_to_value(target, result.edits)
    assert after == target | {"new": 2, "application": {"version": "1.4.0"}}


def test_such_a_conflict_says_which_rules_settle_it() -> None:
    (row,) = merged(None, {'u~/r"l': 1}, {'u~/r"l': 2}).conflicts
    assert '{"pointer": "/u~0~1r\\"l", "owner": "promote"}' in row.sentence
    assert (row.before, row.after) == ("2", "1")


@pytest.mark.parametrize("owner", ["own", "secret"])
def test_a_value_the_source_has_for_itself_must_exist_in_the_target(owner: str) -> None:
    result = merged(None, {owner: "x"}, {})
    assert kinds(result) == {f"/{owner}": "needs-value"}
    assert result.edits == ()
    assert result.needs_value[0].is_blocking


def test_a_target_that_has_its_own_value_needs_none() -> None:
    assert merged(None, {"own": "x"}, {"own": "y"}) == Merge()


def test_a_value_the_target_deleted_on_purpose_is_not_asked_for_again() -> None:
    assert merged({"own": "x"}, {"own": "z"}, {}) == Merge()


def test_what_the_source_gave_up_is_named_and_stays() -> None:
    result = merged({"own": "x"}, {}, {"own": "y"})
    assert kinds(result) == {"/own": "obsolete"}
    assert result.edits == ()


def test_ciphertext_never_travels_even_without_a_rule() -> None:
    result = merged(None, {"db": {"pw": "ENC[AES256_GCM,data:x]", "host": "h"}}, {})
    assert apply_to_value({}, result.edits) == {"db": {"host": "h"}}
    assert kinds(result) == {"/db/pw": "needs-value", "/db/host": "add"}


def test_an_array_with_a_reference_in_it_is_secret_as_a_whole() -> None:
    result = merged(None, {"list": ["x", {"k": "vault:kv/data/a#b"}]}, {"list": ["mine"]})
    assert result.edits == ()


def test_an_array_with_an_owned_part_stays_as_a_whole() -> None:
    rules = Rules(rules=(Rule(pointer="/hosts/*/name", owner="own"),))
    result = merged({"hosts": []}, {"hosts": [{"name": "dev", "port": 1}]}, {"hosts": [{"name": "p"}]}, rules=rules)
    assert result.edits == ()


def test_plain_text_never_overwrites_ciphertext() -> None:
    result = merged({"a": "old"}, {"a": "new"}, {"a": "ENC[AES256_GCM,data:x]"})
    assert kinds(result) == {"/a": "kept"}
    assert result.edits == ()


def test_replacing_what_contains_an_owned_value_is_a_conflict() -> None:
    rules = Rules(rules=(Rule(pointer="/a/mine", owner="own"),))
    result = merged({"a": {"x": 1}}, {"a": 5}, {"a": {"x": 1, "mine": 2}}, rules=rules)
    assert kinds(result) == {"/a": "conflict"}
    assert result.edits == ()


def test_a_pin_holds_the_value_and_says_whose_it_is() -> None:
    pin = Pin(pointer="/a", owner="ada", reason="incident 7")
    result = merged({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 1}}, pins=[pin])
    assert kinds(result) == {"/a/b": "pinned"}
    assert result.pinned[0].sentence == "pinned by ada: incident 7"
    assert result.edits == ()


def test_a_pin_can_hold_the_absence_of_a_value() -> None:
    pin = Pin(pointer="/own", owner="ada", reason="not in production")
    assert kinds(merged(None, {"own": 1}, {}, pins=[pin])) == {"/own": "pinned"}


@pytest.mark.parametrize(
    ("pinned", "release", "target"),
    [
        ("/a/*/name", {"a": []}, {"a": [{"name": "x"}]}),
        ("/a/b", {"a": {"b": 1}}, {"a": "x"}),
        ("/a/b", {"a": {"b": 1}}, {"a": []}),
    ],
)
def test_what_would_bring_or_take_a_pinned_value_is_a_conflict(pinned: str, release: Json, target: Json) -> None:
    result = merged(None, release, target, pins=[Pin(pointer=pinned, owner="ada", reason="x")])
    assert (kinds(result), result.edits) == ({"/a": "conflict"}, ())


def test_a_secret_inside_a_value_in_conflict_is_not_shown() -> None:
    result = merged({"a": 1}, {"a": 2}, {"a": {"port": 1, "secret": "x"}}, rules=Rules(rules=(SECRET,)))
    assert result.conflicts[0].before == '{"port": 1, "secret": "••••••"}'


def test_the_sops_block_is_nobodys_value() -> None:
    assert merged({"sops": {"mac": "a"}}, {"sops": {"mac": "b"}, "x": 1}, {"x": 1}) == Merge()


class TestArraysWithIdentity:
    rules = Rules(
        rules=(
            Rule(pointer="/servers", owner="promote", identity="name"),
            Rule(pointer="/servers/*/replicas", owner="own"),
        )
    )

    def merged(self, base: Json, release: Json, target: Json) -> tuple[Merge, Json]:
        result = merged({"servers": base}, {"servers": release}, {"servers": target}, rules=self.rules)
        return result, apply_to_value({"servers": target}, result.edits)["servers"]

    def test_elements_are_found_by_their_identity_wherever_they_stand(self) -> None:
        base = [{"name": "a", "port": 1}, {"name": "b", "port": 1}]
        release = [{"name": "b", "port": 2}, {"name": "c"}, {"name": "a", "port": 1}]
        target = [{"name": "a", "port": 1, "replicas": 7}, {"name": "b", "port": 1}]
        result, after = self.merged(base, release, target)
        assert after == [{"name": "b", "port": 2}, {"name": "c"}, {"name": "a", "port": 1, "replicas": 7}]
        changed = {"/servers/name=b/port": "replace", "/servers/name=c/name": "add", "/servers": "replace"}
        assert kinds(result) == changed

    def test_removed_elements_go_from_the_back_and_new_ones_come_first(self) -> None:
        base = [{"name": name} for name in "abcd"]
        _, after = self.merged(base, [{"name": "d"}, {"name": "e"}], base)
        assert after == [{"name": "d"}, {"name": "e"}]

    def test_an_element_that_holds_owned_values_is_not_removed_in_part(self) -> None:
        result, after = self.merged([{"name": "a", "port": 1}], [], [{"name": "a", "port": 1, "replicas": 3}])
        assert after == [{"name": "a", "port": 1, "replicas": 3}]
        assert kinds(result) == {"/servers/name=a": "obsolete"}

    def test_an_element_deleted_here_and_changed_by_the_release_does_not_come_back_in_part(self) -> None:
        result, after = self.merged([{"name": "a"}], [{"name": "a", "port": 1}], [{"name": "b"}])
        assert after == [{"name": "b"}]
        assert kinds(result) == {"/servers/name=a": "conflict", "/servers/name=b": "kept"}

    def test_an_element_changed_here_and_deleted_by_the_release_does_not_go_in_part(self) -> None:
        result, after = self.merged([{"name": "a"}], [], [{"name": "a", "port": 1}])
        assert after == [{"name": "a", "port": 1}]
        assert kinds(result) == {"/servers/name=a": "conflict"}

    def test_an_element_whose_identity_is_pinned_does_not_come_without_it(self) -> None:
        pin = Pin(pointer="/servers/*/name", owner="ada", reason="x")
        result = merged(None, {"servers": [{"name": "a", "port": 1}]}, {"servers": []}, rules=self.rules, pins=[pin])
        assert (kinds(result), result.edits) == ({"/servers/name=a": "conflict"}, ())

    def test_elements_without_identity_make_the_array_one_value(self) -> None:
        result, after = self.merged([1], [1, 2], [1])
        assert after == [1, 2]
        assert kinds(result) == {"/servers": "replace"}


@holds(sides(secret=True), rule_sets())
def test_owned_and_secret_values_never_change(three: Sides, rules: Rules) -> None:
    base, release, target = three
    result = merge(base=base, release=release, target=target, rules=rules)
    before, after = keyed(target, rules), keyed(apply_to_value(target, result.edits), rules)
    for pointer, leaf in leaves(before):
        if rules.owner(pointer, leaf) != "promote":
            there = find(after, pointer)
            opened = leaf == {} and isinstance(there, dict)  # a more special rule may promote what comes in
            assert opened or same(there, leaf), pointer
    for pointer, leaf in leaves(after):
        assert rules.owner(pointer, leaf) == "promote" or find(before, pointer) is not MISSING


@holds(sides(secret=True), rule_sets(), pin_sets())
def test_pinned_values_neither_change_nor_come_nor_go(three: Sides, rules: Rules, pins: tuple[Pin, ...]) -> None:
    base, release, target = three
    after_value = apply_to_value(target, merge(base=base, release=release, target=target, rules=rules, pins=pins).edits)
    before, after = keyed(target, rules), keyed(after_value, rules)
    for pointer, leaf in leaves(before):
        if holding(pins, pointer):
            there = find(after, pointer)
            assert same(there, leaf) or (leaf == {} and isinstance(there, dict)), pointer
    for pointer, leaf in leaves(after):
        assert leaf == {} or not holding(pins, pointer) or find(before, pointer) is not MISSING, pointer
    assert merge(base=release, release=release, target=after_value, rules=rules, pins=pins).edits == ()


@holds(sides(secret=True), rule_sets())
def test_promoting_twice_is_promoting_once(three: Sides, rules: Rules) -> None:
    base, release, target = three
    after = apply_to_value(target, merge(base=base, release=release, target=target, rules=rules).edits)
    assert merge(base=release, release=release, target=after, rules=rules).edits == ()


@holds(sides(secret=True), rule_sets())
def test_the_first_time_what_can_be_promoted_is_there(three: Sides, rules: Rules) -> None:
    _, release, target = three
    result = merge(base=None, release=release, target=target, rules=rules)
    after = keyed(apply_to_value(target, result.edits), rules)
    excused = {row.pointer for row in result.conflicts + result.kept}
    for pointer, leaf in leaves(keyed(partition(release, rules)[0], rules)):
        there = leaf == {} or same(find(after, pointer), leaf)
        assert there or any(pointer == each or pointer.startswith(each + "/") for each in excused), pointer


@holds(sides(secret=True), rule_sets())
def test_no_secret_is_in_edits_or_rows(three: Sides, rules: Rules) -> None:
    base, release, target = three
    assert MARK not in merge(base=base, release=release, target=target, rules=rules).model_dump_json()


@holds(sides(), rule_sets(), st.integers(0, 9))
def test_the_order_of_keys_changes_nothing(three: Sides, rules: Rules, seed: int) -> None:
    one, other = (
        merge(base=base, release=release, target=target, rules=rules)
        for base, release, target in (three, [shuffled(side, seed) for side in three])
    )
    assert one.model_dump() == other.model_dump()
