from __future__ import annotations

import json
from typing import Any

import pytest

from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Verdict
from liftgate.errors import Misconfigured
from liftgate.steps.context import Context
from liftgate.steps.schema_errors import BASE
from liftgate.steps.schema_validation import run

GOOD = {"application": {"name": "shop", "version": "1.4.2", "environment": {"name": "dev", "configs": {"x": [1]}}}}


def validated(values: Json, schema: Json = None, **more: Any) -> Verdict:
    data = values if isinstance(values, bytes) else json.dumps(values, indent=2).encode()
    return run(Context(application="shop", environment="dev", path="v.json", data=data, schema=schema, **more))


def told(verdict: Verdict) -> list[str]:
    return [f"{each.place.removeprefix('v.json:')} {each.message} {each.fix}".strip() for each in verdict.findings]


def test_the_built_in_schema_accepts_what_everybody_has() -> None:
    assert validated(GOOD).passed


@pytest.mark.parametrize("written", ["0.3", "-0.7", "1.1", "3", "1e22", "12345678901234567890.1", "9007199254740993"])
def test_multiples_are_those_of_the_decimal_numbers_that_are_written(written: str) -> None:
    assert validated(b'{"x": %s}' % written.encode(), {"properties": {"x": {"multipleOf": 0.1}}}).passed


@pytest.mark.parametrize(("written", "unit"), [("0.35", 0.1), ("1e-9", 0.1), ("9007199254740993", 2), ("1e308", 3e-5)])
def test_what_is_no_multiple_is_told(written: str, unit: float) -> None:
    verdict = validated(b'{"x": %s}' % written.encode(), {"properties": {"x": {"multipleOf": unit}}})
    assert told(verdict) == [f"1:2 /x must be a multiple of {unit}."]


@pytest.mark.parametrize(
    ("application", "message"),
    [
        ({"version": "1.4"}, "3:5 /application/version must be a semantic version such as 1.4.2 or 1.5.0-rc.1."),
        ({"version": "01.4.2"}, "3:5 /application/version must be a semantic version such as 1.4.2 or 1.5.0-rc.1."),
        ({"version": "1.4.2\n"}, "3:5 /application/version must be a semantic version such as 1.4.2 or 1.5.0-rc.1."),
        ({"version": 1}, "3:5 /application/version must be of the type string."),
        ({"name": ""}, "3:5 /application/name must have at least 1 characters."),
        ({"environment": {"name": "prod"}}, '4:7 /application/environment/name must be "dev".'),
        (
            {"environment": {"name": "dev", "configs": 1}},
            "5:7 /application/environment/configs must be of the type object.",
        ),
        ({"environment": {}}, "3:5 /application/environment lacks 'name'."),
    ],
)
def test_the_built_in_schema_says_what_is_wrong(application: dict[str, Json], message: str) -> None:
    verdict = validated(
        {"application": {**application, **{k: v for k, v in GOOD["application"].items() if k not in application}}}
    )
    assert told(verdict) == [message]


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    schema = {
        "properties": {"a": {"type": "string"}, "b": {"maximum": 3}, "c": {"enum": ["x", "y"]}},
        "required": ["z", "d"],
    }
    assert told(validated({"c": 0, "b": 4, "a": 1}, schema)) == [
        "1:1 the root lacks 'z', 'd'.",
        '2:3 /c must be one of "x", "y".',
        "3:3 /b must be at most 3.",
        "4:3 /a must be of the type string.",
    ]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("hostname", "db.internal", "a_b"),
        ("uri", "https://x/y", "not a uri"),
        ("ipv4", "10.0.0.1", "10.0.0"),
        ("duration", "PT5M", "5m"),
        ("date", "2026-03-01", "1.3."),
    ],
)
def test_formats_are_really_checked(name: str, good: str, bad: str) -> None:
    schema = {"properties": {"x": {"format": name}}}
    assert validated({"x": good}, schema).passed
    assert told(validated({"x": bad}, schema)) == [f"2:3 /x must be of the format {name}."]


def test_an_unknown_key_comes_with_the_one_that_was_meant() -> None:
    schema = {
        "properties": {"password": {}, "host": {}},
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }
    values = {"host": 1, "pasword": 2, "x-y": 3, "sops": {"mac": 1}, "zzz": 4}
    assert told(validated(values, schema)) == [
        "3:3 /pasword is not a key the schema knows. Did you mean 'password'?",
        "8:3 /zzz is not a key the schema knows.",
    ]


def test_an_overlay_narrows_the_schema_for_its_environment() -> None:
    overlay = {"$ref": BASE, "properties": {"cache": {"const": True}}}
    schema = {"$id": "https://example.com/values", "properties": {"cache": {"type": "boolean"}}}
    assert validated({"cache": False}, schema).passed
    assert told(validated({"cache": False}, schema, overlay=overlay)) == ["2:3 /cache must be true."]
    assert told(validated({"cache": 1}, schema, overlay={"$ref": "https://example.com/values"})) == [
        "2:3 /cache must be of the type boolean."
    ]


def test_encrypted_values_and_references_are_not_judged_by_their_text() -> None:
    schema = {"properties": {"port": {"type": "integer"}, "key": {"pattern": "^[a-z]+$"}}}
    values = {"port": "ENC[AES256_GCM,data:x,iv:y,tag:z,type:int]", "key": "vault:kv/data/a#b"}
    assert validated(values, schema).passed


@pytest.mark.parametrize(
    "schema",
    [
        {"const": "a"},
        {"enum": ["a"]},
        {"pattern": "^a$"},
        {"format": "uri"},
        {"maxLength": 3},
        {"not": {}},
        {"anyOf": [{"const": 1}, {"type": "null"}]},
        {"contains": 1} | {"type": "array"},
    ],
)
def test_no_message_repeats_a_value(schema: dict[str, Json]) -> None:
    if "contains" in schema:
        schema = {"type": "array"}
    verdict = validated({"secret": "hunter2 is the password"}, {"properties": {"secret": schema}})
    assert verdict.failed
    assert "hunter2" not in verdict.model_dump_json()


def test_the_nearest_alternative_is_explained() -> None:
    schema = {"properties": {"m": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["host", "port"]}]}}}
    verdict = validated({"m": {"host": "x"}}, schema)
    assert told(verdict)[0].startswith("2:3 /m fits none of the alternatives; in the nearest it ")


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"$ref": "https://example.com/other"}, "schemas are never fetched"),
        ({"type": "strin"}, "wrong at type"),
        ({"$ref": "#"}, "refers to itself"),
        ([], "must be an object"),
        ({"properties": {"a": {"minimum": "x"}}}, "wrong at properties/a/minimum"),
    ],
)
def test_a_wrong_schema_is_misconfigured(schema: Json, why: str) -> None:
    with pytest.raises(Misconfigured, match=why):
        validated({}, schema)


def test_a_broken_file_is_not_validated_but_named() -> None:
    assert [each.rule for each in validated(b"{").findings] == ["unexpected-end"]
