from __future__ import annotations

from itertools import pairwise

import pytest

from liftgate.domain.planning.rules import Rule, Rules, from_schema
from liftgate.errors import Misconfigured

CIPHERTEXT = "ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]"


def rules(*pairs: tuple[str, str]) -> Rules:
    return Rules.model_validate({"rules": [{"pointer": pointer, "owner": owner} for pointer, owner in pairs]})


def test_without_rules_the_environment_owns_its_own_block_only() -> None:
    assert Rules().owner("/application/environment/name") == "own"
    assert Rules().owner("/application/version") == "promote"


def test_the_last_rule_that_covers_a_pointer_decides() -> None:
    some = rules(("/application/environment/configs/cache/**", "promote"), ("/a/**", "own"), ("/a/b", "promote"))
    assert some.owner("/application/environment/configs/cache/ttl") == "promote"
    assert some.owner("/application/environment/configs/debug") == "own"
    assert some.owner("/a/b/c") == "promote"
    assert some.owner("/a/c") == "own"


@pytest.mark.parametrize(
    "secret", [CIPHERTEXT, "vault:kv/data/a#b", ["x", {"y": CIPHERTEXT}], {"a": ["ref+vault://a/b#c"]}]
)
def test_what_is_secret_by_its_form_is_secret_whatever_the_rules_say(secret: object) -> None:
    assert rules(("/**", "promote")).owner("/a", secret) == "secret"


def test_an_array_belongs_to_the_strictest_of_its_parts() -> None:
    some = rules(("/l/*/mine", "own"), ("/l/*/pw", "secret"))
    assert some.owner("/l", [{"x": 1}]) == "promote"
    assert some.owner("/l", [{"x": 1}, {"mine": 1}]) == "own"
    assert some.owner("/l", [{"mine": 1}, {"pw": "x"}]) == "secret"


def test_the_sops_block_belongs_to_its_file() -> None:
    assert rules(("/**", "promote")).owner("/sops/mac") == "own"


def test_a_schema_can_say_who_owns_what() -> None:
    schema = {
        "properties": {
            "host": {"x-liftgate-owner": "own"},
            "db": {"$ref": "#/$defs/db"},
            "servers": {
                "x-liftgate-identity": "name",
                "items": {"properties": {"size": {"x-liftgate-owner": "own"}}},
            },
        },
        "additionalProperties": {"x-liftgate-owner": "own"},
        "$defs": {"db": {"properties": {"password": {"x-liftgate-owner": "secret"}, "again": {"$ref": "#/$defs/db"}}}},
    }
    found = from_schema(schema)
    assert found == (
        Rule(pointer="/*", owner="own"),
        Rule(pointer="/host", owner="own"),
        Rule(pointer="/db/password", owner="secret"),
        Rule(pointer="/servers", owner="own", identity="name"),
        Rule(pointer="/servers/*/size", owner="own"),
    )


@pytest.mark.parametrize("wrong", [{"x-liftgate-owner": "mine"}, {"x-liftgate-owner": []}, {"x-liftgate-identity": 1}])
def test_a_wrong_word_in_a_schema_is_named(wrong: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match=r"/a "):
        from_schema({"properties": {"a": wrong}})


@pytest.mark.parametrize(
    "odd",
    [
        None,
        1,
        [],
        {"properties": []},
        {"allOf": 1, "$ref": 7},
        {"$ref": "#"},
        {"$ref": "#/x"},
        {"items": [1]},
    ],
)
def test_an_odd_schema_has_no_rules(odd: object) -> None:
    assert from_schema(odd) == ()


def test_a_schema_whose_references_multiply_is_named() -> None:
    names = "abcdefghijklmnopqrst"
    defs = {
        name: {"properties": {side: {"$ref": f"#/$defs/{after}"} for side in "xy"}} for name, after in pairwise(names)
    }
    with pytest.raises(Misconfigured, match="references multiply"):
        from_schema({"$ref": "#/$defs/a", "$defs": defs})


def test_an_anchor_in_a_schema_is_passed_over() -> None:
    assert from_schema({"properties": {"a": {"$ref": "#there"}}}) == ()


def test_a_rule_that_counts_elements_makes_the_array_one_value() -> None:
    counted = Rule(pointer="/servers/0/size", owner="own")
    named = Rule(pointer="/servers", owner="promote", identity="name")
    assert Rules(rules=(named,)).identity("/servers") == "name"
    assert Rules(rules=(named, counted)).identity("/servers") is None
    assert Rules(rules=(named, counted)).owner("/servers", [{"name": "a", "size": 1}]) == "own"
