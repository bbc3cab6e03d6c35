from __future__ import annotations

from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.planning.release import Need, partition, version_of
from liftgate.domain.planning.rules import Rule, Rules
from tests.domain.properties import MARK, documents, holds, rule_sets
from tests.one_file import fix

VALUES = {
    "application": {"name": "shop", "version": "1.4.2", "environment": {"name": "dev", "configs": {}}},
    "db": {"host": "db", "password": "vault:kv/data/a#b"},
    "empty": {},
    "sops": {"mac": "ENC[x]"},
}


def test_a_release_holds_promotable_values_only_and_names_what_else_is_needed() -> None:
    release = fix("shop", "abc", "configs/dev/values.json", VALUES, Rules())
    assert release.files[0].content == {
        "application": {"name": "shop", "version": "1.4.2"},
        "db": {"host": "db"},
        "empty": {},
    }
    assert release.version == "1.4.2"
    assert release.files[0].needs == (
        Need(pointer="/application/environment/name", owner="own"),
        Need(pointer="/application/environment/configs", owner="own"),
        Need(pointer="/db/password", owner="secret", reference=True),
    )


def test_equal_promotable_values_are_one_release_wherever_they_come_from() -> None:
    one = fix("shop", "abc", "configs/dev/values.json", VALUES, Rules())
    other = fix("shop", "def", "configs/base/values.json", {**VALUES, "sops": {}, "db": {"host": "db"}}, Rules())
    assert one.id == other.id
    assert one.id != fix("cart", "abc", "configs/dev/values.json", VALUES, Rules()).id
    assert one.id != fix("shop", "abc", "configs/dev/values.json", {**VALUES, "empty": 0}, Rules()).id


def test_values_without_a_version_are_a_release_too() -> None:
    assert fix("shop", "abc", "p", {"application": {"version": 1}}, Rules()).version == ""


def test_no_ciphertext_or_reference_is_a_version() -> None:
    for secret in ("ENC[AES256_GCM,data:AbCd,iv:aaaa,tag:bbbb,type:str]", "vault:kv/data/shop#version"):
        assert version_of([{"version": secret}, {"version": "1.4.2"}], "/version") == "1.4.2"


def test_nothing_to_promote_is_an_empty_object() -> None:
    assert partition({"a": 1}, Rules(rules=(Rule(pointer="", owner="own"),))) == (
        {},
        (Need(pointer="/a", owner="own"),),
    )


@holds(documents(secret=True), rule_sets())
def test_no_secret_gets_into_a_release(values: Json, rules: Rules) -> None:
    release = fix("shop", "abc", "p", values, rules)
    assert MARK not in release.model_dump_json()
    content, needs = partition(release.files[0].content, rules)
    assert rules.has_identities or (same(content, release.files[0].content) and needs == ())
