from __future__ import annotations

import pytest

from liftgate.domain.common.value import Json
from liftgate.domain.planning.identity import Keyed, is_alike, keyed, plain
from liftgate.domain.planning.rules import Rule, Rules
from tests.domain.properties import documents, holds, rule_sets

RULES = Rules(rules=(Rule(pointer="/l", owner="promote", identity="id"),))


def test_elements_stand_under_their_identity() -> None:
    value = keyed({"l": [{"id": "a/b"}, {"id": 7}], "m": [{"id": "a"}]}, RULES)
    assert value == {"l": {"id=a/b": {"id": "a/b"}, "id=7": {"id": 7}}, "m": [{"id": "a"}]}


@pytest.mark.parametrize(
    "odd", [[{"id": 1}, {"id": "1"}], [{"id": "a"}, {"id": "a"}], [{}], [1], [{"id": True}], [{"id": None}]]
)
def test_an_array_that_does_not_obey_is_one_value(odd: list[Json]) -> None:
    assert keyed({"l": odd}, RULES) == {"l": odd}


def test_only_like_containers_are_compared_member_by_member() -> None:
    assert is_alike({}, {})
    assert is_alike(Keyed(), Keyed())
    assert not is_alike(Keyed(), {})
    assert not is_alike([], [])


@holds(documents(), rule_sets())
def test_every_value_comes_back(value: Json, rules: Rules) -> None:
    assert plain(keyed(value, rules)) == value
