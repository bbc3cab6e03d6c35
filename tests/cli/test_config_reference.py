"""The JSON Schema of `liftgate.json` accepts what the reader accepts, and the reference shows every key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from liftgate.cli import config_reference, reference
from liftgate.domain.config.configuration import read_configuration
from liftgate.errors import Misconfigured
from tests.examples import SEED

EXAMPLE = json.loads(files("liftgate.schemas").joinpath("liftgate.example.json").read_text())
SCHEMA = json.loads(config_reference.config_schema())


def is_valid(document: Any) -> bool:
    return Draft202012Validator(SCHEMA).is_valid(document)


def objects(part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key that the schema describes."""
    if isinstance(part, dict):
        yield from (part.get("properties") or {}).items()
        for below in part.values():
            yield from objects(below)
    elif isinstance(part, list):
        for below in part:
            yield from objects(below)


def test_the_shipped_schema_is_up_to_date() -> None:
    assert reference.SCHEMA.read_text() == config_reference.config_schema()


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("document", [EXAMPLE, SEED, {"environments": {"dev": "/configs/dev"}}])
def test_reader_and_schema_accept_it(document: Any) -> None:
    read_configuration(json.dumps(document).encode())
    assert is_valid(document)


@pytest.mark.parametrize(
    "change",
    [
        {"environments": None},
        {"enviroments": {}},
        {"monitoring": {"metrics": ["drift"]}},
        {"monitoring": {"alerts": {"sync-faild": {"threshold": "1", "window": "5m"}}}},
        {"monitoring": {"alerts": {"sync-failed": {"threshold": "0", "window": "5m"}}}},
        {"monitoring": {"alerts": {"sync-failed": {"threshold": "1", "window": "soon"}}}},
        {"policy": {"dev": {"soak": "an hour"}}},
        {"policy": {"dev": {"start": "maybe"}}},
        {"pipeline": {"stages": [{"name": "validate", "steps": ["JSON lint"]}]}},
        {"rules": [{"pointer": "/a", "owner": "me"}]},
        {"applications": {"shop": {"argocd": 1}}},
    ],
)
def test_reader_and_schema_refuse_it(change: dict[str, Any]) -> None:
    document = {"environments": {"dev": "/configs/dev"}} | change
    with pytest.raises(Misconfigured):
        read_configuration(json.dumps(document).encode())
    assert not is_valid(document)


def test_the_example_has_every_key_and_the_reference_explains_it() -> None:
    text = json.dumps(EXAMPLE)
    described = dict(objects(SCHEMA))
    assert [name for name in described if f'"{name}"' not in text] == []
    assert [name for name, part in objects(SCHEMA) if not part.get("description")] == []
