from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.json_text.strict import read_json
from liftgate.domain.secrets.sops import Sops, check_editable, sops_gate
from liftgate.errors import Refused
from tests.domain.sops_files import OURS, PATH, RULE, THEIRS, block, enc, findings, rules_of, values


def test_a_file_as_sops_left_it_has_no_finding() -> None:
    assert findings(values()) == []


def test_a_repository_without_sops_has_no_finding() -> None:
    document = read_json(b'{"application": {"password": "vault:kv/data/shop#password"}}')
    assert sops_gate(document, PATH, Sops()) == []


def test_a_file_of_another_rule_is_none_of_this_ones() -> None:
    assert findings({"application": {"token": "plain"}}, path="configs/dev/values.json") == []


def test_an_encrypted_file_without_a_rule_is_a_finding() -> None:
    assert rules_of(findings(values(), path="configs/dev/values.json")) == ["sops-rule"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"age": [{"recipient": THEIRS, "enc": "x"}]}, "sops-recipient"),
        ({"hc_vault": [{"vault_address": "https://evil", "engine_path": "transit", "key_name": "k"}]}, "sops-address"),
        ({"kms": [{"arn": "arn:aws:kms:eu:1:key/evil", "enc": "x"}]}, "sops-address"),
        ({"key_groups": [{"gcp_kms": [{"resource_id": "projects/evil"}]}]}, "sops-address"),
        ({"encrypted_regex": "nothing"}, "sops-selection"),
        ({"mac_only_encrypted": None}, "sops-selection"),
        ({"encrypted_regex": None}, "sops-selection"),
        ({"mac": None}, "sops-metadata"),
        ({"lastmodified": None}, "sops-metadata"),
        ({"age": None}, "sops-metadata"),
        ({"key_groups": {}}, "sops-metadata"),
        ({"age": {"recipient": OURS}}, "sops-metadata"),
        ({"Hc_Vault": [{"vault_address": "https://evil"}]}, "sops-metadata"),
        ({"age": [{"recipient": OURS, "Recipient": THEIRS, "enc": "x"}]}, "sops-metadata"),
        ({"key_groups": [{"KMS": [{"arn": "evil"}]}]}, "sops-metadata"),
    ],
)
def test_a_changed_block_is_found_without_a_key(change: dict[str, Any], rule: str) -> None:
    assert rule in rules_of(findings(values(sops=block(**change))))


@pytest.mark.parametrize("name", ["SOPS", "Sops", "\u017fops"])
def test_a_block_under_another_spelling_that_sops_would_read_is_found(name: str) -> None:
    found = findings(values(sops=None) | {name: block()})
    assert "sops-metadata" in rules_of(found)


def test_a_block_that_is_no_object_is_found() -> None:
    assert "sops-metadata" in rules_of(findings(values(sops="none")))


@pytest.mark.parametrize(
    "plain", ["hunter2", 7, True, "ENC[hunter2]", f"{enc()} hunter2", f" {enc()}", "vault:kv/data/shop#password"]
)
def test_a_value_under_a_matching_key_must_be_ciphertext(plain: Any) -> None:
    (finding,) = findings(values(application={"db": [{"password": plain}]}))
    assert finding.rule == "sops-coverage"
    assert finding.place == f"{PATH}:5:9"
    assert "hunter2" not in str(finding)
    assert """sops set --value-stdin configs/prod/values.json '["application"]["db"][0]["password"]'""" in finding.fix


@pytest.mark.parametrize("left", ["", None, {}, []])
def test_what_sops_leaves_as_it_is_may_stand_under_a_matching_key(left: Any) -> None:
    assert findings(values(application={"password": left})) == []


def test_a_key_above_the_value_makes_it_secret_too() -> None:
    assert rules_of(findings(values(application={"tokens": {"a": [1]}}))) == ["sops-coverage"]


def test_a_file_that_was_never_encrypted_is_told_how() -> None:
    (finding,) = findings({"application": {"password": "hunter2"}})
    assert finding.fix.endswith("sops encrypt --in-place configs/prod/values.json")


def test_a_reference_may_stand_in_a_file_that_sops_has_not_touched() -> None:
    assert findings({"application": {"password": "vault:kv/data/shop#password"}}) == []


@pytest.mark.parametrize("value", [values(application={"note": enc()}), values(sops=None)])
def test_ciphertext_nobody_could_decrypt_is_found(value: Any) -> None:
    assert rules_of(findings(value)) == ["sops-coverage"]


def test_ciphertext_of_another_environment_is_found() -> None:
    other = json.dumps(values()).encode().replace(b"ENC", b"\\u0045NC")
    (finding,) = findings(values(), dev=other)
    assert finding.rule == "sops-foreign"
    assert "ciphertext of dev" in finding.message


def test_a_rule_that_names_no_keys_means_all_of_them() -> None:
    everything = {"age": OURS, "mac_only_encrypted": True}
    metadata = block(encrypted_regex=None, unencrypted_suffix="_unencrypted")
    good = {"a": enc("a"), "note_unencrypted": "plain", "sops": metadata}
    assert findings(good, everything) == []
    assert rules_of(findings(good | {"b": "plain"}, everything)) == ["sops-coverage"]


@pytest.mark.parametrize(
    ("selector", "secret", "plain"),
    [("unencrypted_regex", "password", "note"), ("encrypted_suffix", "password_x", "note"),
     ("unencrypted_suffix", "password", "note_x")],
)  # fmt: skip
def test_every_way_to_name_keys_is_understood(selector: str, secret: str, plain: str) -> None:
    rule = {"age": OURS, selector: "note" if "regex" in selector else "_x", "mac_only_encrypted": True}
    metadata = block(encrypted_regex=None, **{selector: rule[selector]})
    assert findings({secret: enc(), plain: "plain", "sops": metadata}, rule) == []
    assert len(findings({secret: "plain", plain: enc(), "sops": metadata}, rule)) == 2


def test_an_edit_is_refused_where_the_mac_covers_everything() -> None:
    check_editable(values(), PATH)
    check_editable({"application": {}}, PATH)
    with pytest.raises(Refused, match=r"mac_only_encrypted: true .* sops decrypt .* [|] sops enc"):
        check_editable(values(sops=block(mac_only_encrypted=None)), PATH)


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=5), lambda c: st.lists(c) | st.dictionaries(st.text(max_size=5), c)
    )
)
def test_no_block_and_no_value_is_too_strange_for_the_gate(strange: Any) -> None:
    found = findings({"application": strange, "sops": strange}, RULE)
    assert any(finding.rule == "sops-metadata" for finding in found) or strange is None
