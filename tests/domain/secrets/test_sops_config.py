from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.secrets.sops_config import Recipient, read_sops_config
from liftgate.domain.secrets.sops_metadata import read_sops_metadata as read_block
from liftgate.errors import Misconfigured


def recipients(rule: dict[str, Any]) -> set[str]:
    return {str(each) for each in read_sops_config({"creation_rules": [rule]}).rules[0].recipients}


def test_the_first_rule_that_fits_counts() -> None:
    config = read_sops_config({"creation_rules": [{"path_regex": "prod", "age": "a"}, {"age": "b"}]})
    prod, dev = config.rule_for("configs/prod/values.json"), config.rule_for("configs/dev/values.json")
    assert prod is not None
    assert dev is not None
    assert prod.recipients == frozenset((Recipient(kind="age", identity="a"),))
    assert dev.recipients == frozenset((Recipient(kind="age", identity="b"),))


@pytest.mark.parametrize("age", ["a,b", "a,\n  b", ["a", "b"]])
def test_recipients_stand_in_one_text_or_a_list(age: Any) -> None:
    assert recipients({"age": age}) == {"age a", "age b"}


def test_key_groups_count_with_what_is_merged_into_them() -> None:
    group = {"pgp": ["F"], "kms": [{"arn": "arn", "role": "r"}], "merge": [{"vault": ["https://v/v1/transit/keys/k"]}]}
    assert recipients({"key_groups": [group]}) == {"pgp F", "kms arn+r", "hc_vault https://v/v1/transit/keys/k"}


def test_a_key_has_one_name_in_rules_and_in_files() -> None:
    rule = {
        "hc_vault_transit_uri": "https://v:8200/v1/transit/keys/k",
        "azure_keyvault": "https://x.vault.azure.net/keys/n/abc",
        "gcp_kms": "projects/p",
    }
    metadata = {
        "hc_vault": [{"vault_address": "https://v:8200/", "engine_path": "transit", "key_name": "k"}],
        "azure_kv": [{"vault_url": "https://x.vault.azure.net", "name": "n", "version": "abc"}],
        "gcp_kms": [{"resource_id": "projects/p"}],
    }
    assert recipients(rule) == {str(each) for each in read_block(metadata).recipients}


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ([], "creation_rules"),
        ({"creation_rules": ["x"]}, "creation_rules.0"),
        ({"creation_rules": [{"path_regex": "("}]}, "'\\('"),
        ({"creation_rules": [{"encrypted_regex": 7}]}, "creation_rules.0.encrypted_regex"),
        ({"creation_rules": [{"encrypted_regex": "a", "encrypted_suffix": "b"}]}, "only one of"),
        ({"creation_rules": [{"encrypted_comment_regex": "a"}]}, "JSON has no comments"),
    ],
)
def test_a_mistake_is_named_with_its_place(value: Any, place: str) -> None:
    with pytest.raises(Misconfigured, match=place):
        read_sops_config(value)
