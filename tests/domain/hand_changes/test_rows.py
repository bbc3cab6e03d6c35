"""What a change does to values, by owner: every value that differs has one row, and no secret is shown."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as some

from liftgate.domain.common.canonical import same
from liftgate.domain.hand_changes.rows import rows_by_owner
from liftgate.domain.planning.rules import Rule, Rules

RULES = Rules(rules=(Rule(pointer="/db/**", owner="secret"), Rule(pointer="/own/**", owner="own")))
trees: Any = some.recursive(
    some.integers(0, 2) | some.just({}) | some.lists(some.integers(0, 1), max_size=2),
    lambda below: some.dictionaries(some.sampled_from(["a", "b", "own", "db"]), below, max_size=3),
    max_leaves=6,
)
objects = some.dictionaries(some.sampled_from(["a", "own", "db"]), trees, max_size=3)


def test_rows_stand_under_the_owner_of_the_value_and_secrets_are_masked() -> None:
    before = {"a": 1, "own": {"level": "info"}, "db": {"password": "old-Pa55w0rd!"}, "sops": {"mac": "x"}}
    after = {"a": 2, "own": {}, "db": {"password": "new-Pa55w0rd!"}, "list": [1, 2], "sops": {"mac": "y"}}
    found = rows_by_owner(before, after, RULES)
    assert {owner: [(row.kind, row.pointer) for row in rows] for owner, rows in found.items()} == {
        "promote": [("replace", "/a"), ("add", "/list")],
        "own": [("remove", "/own/level")],
        "secret": [("replace", "/db/password")],
    }
    assert "Pa55w0rd" not in str(found)


@given(objects, objects)
@example({"a": {}}, {"a": 1})
@example({"a": {}}, {"a": {"b": {}}})
def test_there_are_rows_exactly_where_values_differ(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert bool(rows_by_owner(before, after, RULES)) != same(before, after)
    assert rows_by_owner(before, before, RULES) == {}
